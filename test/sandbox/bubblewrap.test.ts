import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BubblewrapSpec, bubblewrapArguments } from "../../src/sandbox/bubblewrap.ts";
import { bind, bindReadOnly, type Toolbox } from "../../src/sandbox/spec.ts";
import { makeDirectory } from "../support/tree.ts";

const environment = { etc: "/work/etc", fileFor: (content: string) => `/work/files/${content}` };

function toolsTree(): Toolbox {
  const root = makeDirectory();
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  symlinkSync("usr/bin", join(root, "bin"));
  return { kind: "tree", root, searchPaths: [] };
}

/** The options of a command line as pairs of name and values, in order. */
function options(spec: BubblewrapSpec): string[] {
  const args = bubblewrapArguments(spec, environment);
  return args
    .slice(0, args.indexOf("--"))
    .join(" ")
    .split(/ (?=--)/);
}

test("a tools sandbox has the tree's /usr, its links, and no network", () => {
  const toolbox = toolsTree();
  const root = toolbox.kind === "tree" ? toolbox.root : "";
  const given = options({ argv: ["true"], base: { kind: "tools", toolbox } });
  expect(given).toContain(`--ro-bind ${root}/usr /usr`);
  expect(given).toContain("--symlink usr/bin /bin");
  expect(given).toContain("--unshare-net");
  expect(given).not.toContain("--ro-bind-try /etc/resolv.conf /etc/resolv.conf");
  expect(given.at(-1)).toBe("--chdir /");
});

test("the host's /etc and /var are not in a sandbox with the host's tools", () => {
  const given = options({
    argv: ["true"],
    base: { kind: "tools", toolbox: { kind: "host", searchPaths: [] } },
    network: true,
  });
  expect(given).not.toContain("--unshare-net");
  expect(given).toContain("--ro-bind-try /etc/resolv.conf /etc/resolv.conf");
  expect(given.filter((option) => / \/(etc|var)$/.test(option))).toEqual(["--dir /etc", "--dir /var"]);
});

test("an image sandbox has the image as its root", () => {
  const given = options({ argv: ["true"], base: { kind: "image", root: "/tree" } });
  expect(given).toContain("--bind /tree /");
});

test("mounts come after the base, in the order they are given", () => {
  const spec: BubblewrapSpec = {
    argv: ["tool", "--flag"],
    base: { kind: "tools", toolbox: toolsTree() },
    mounts: [
      bindReadOnly("/a"),
      bind("/b", "/c"),
      { type: "file", content: "x", target: "/etc/f" },
      { type: "tmpfs", target: "/t", mode: 0o1777 },
    ],
    devices: ["/dev/kvm"],
    cwd: "/c",
  };
  const given = options(spec);
  expect(given.slice(given.indexOf("--ro-bind /a /a"))).toEqual([
    "--ro-bind /a /a",
    "--bind /b /c",
    "--ro-bind /work/files/x /etc/f",
    "--perms 1777",
    "--tmpfs /t",
    "--dev-bind-try /dev/kvm /dev/kvm",
    "--chdir /c",
  ]);
  expect(bubblewrapArguments(spec, environment).slice(-3)).toEqual(["--", "tool", "--flag"]);
});

test("only a program that has the terminal stays in its session", () => {
  const base = { kind: "image", root: "/tree" } as const;
  expect(options({ argv: ["sh"], base })).toContain("--new-session");
  expect(options({ argv: ["sh"], base, output: "terminal" })).not.toContain("--new-session");
});
