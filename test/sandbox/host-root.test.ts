// The base `host`: what the commands are, and, as root, what a program sees.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hostArguments } from "../../src/sandbox/host-root.ts";
import { bind, bindReadOnly } from "../../src/sandbox/spec.ts";

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), "host-root-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("with the host's own tools nothing but the mounts is done", () => {
  const base = { kind: "host", toolbox: { kind: "host", searchPaths: [] } } as const;
  const mounts = [bind("/a", "/b"), bindReadOnly("/it's", "/c"), { type: "tmpfs", target: "/run" }] as const;
  const words = hostArguments({ argv: ["prog", "--x"], base, mounts, cwd: "/srv" }, "/unused");
  expect(words.slice(-3)).toEqual(["sh", "prog", "--x"]);
  expect(words.at(-4)?.split("\n")).toEqual([
    "mount --rbind '/a' '/b'",
    "mount --rbind '/it'\\''s' '/c'",
    "mount -o remount,bind,ro '/c'",
    "mount -t tmpfs -o mode=755 tmpfs '/run'",
    "cd '/srv'",
    "unset OLDPWD",
    'trap "" HUP',
    'exec "$@"',
  ]);
  expect(() => hostArguments({ argv: ["x"], base, mounts: [{ type: "dir", target: "/x" }] }, "/r")).toThrow("type dir");
});

test.skipIf(process.getuid?.() !== 0)(
  "with a tools tree /usr is the tree's, all else the host's, and rights stay",
  () => {
    const place = temporary();
    mkdirSync(join(place, "tools/usr"), { recursive: true });
    mkdirSync(join(place, "root"));
    mkdirSync(join(place, "seen"));
    writeFileSync(join(place, "seen/file"), "seen");
    // The host's programs, so that there is something to run; a file of the tree's own shows that it is the tree's.
    const usr = execFileSync("sh", ["-c", "cd /usr && ls"], { encoding: "utf8" }).trim().split("\n");
    for (const name of usr) mkdirSync(join(place, "tools/usr", name));
    writeFileSync(join(place, "tools/usr/mark"), "tools");
    for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(place, "tools", name));
    const bindUsr = usr.map((name) => `mount --bind /usr/${name} ${place}/tools/usr/${name}`).join("; ");
    const script = `cat /usr/mark; cat ${place}/bound/file; grep NoNewPrivs /proc/self/status; pwd; ls -a / | grep mkosi || true`;
    mkdirSync(join(place, "bound"));
    const words = hostArguments(
      {
        argv: ["/bin/sh", "-ec", script],
        base: { kind: "host", toolbox: { kind: "tree", root: join(place, "tools"), searchPaths: [] } },
        mounts: [bind(join(place, "seen"), join(place, "bound"))],
        cwd: place,
      },
      join(place, "root"),
    );
    const run = ["--mount", "--propagation", "private", "sh", "-ec", `${bindUsr}; exec "$@"`, "sh", ...words];
    const output = execFileSync("unshare", run, { encoding: "utf8" });
    expect(output).toBe(`toolsseenNoNewPrivs:\t0\n${place}\n`);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(place);
  },
);
