// A container in which there is one user id, and no way to more: /usr of the tools tree with User-mode Linux on top, seen
// by a user without subordinate ids. The same container as root makes what images are compared with.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CHECKOUT } from "./mkosi.ts";
import { type MoreTools, moreTools } from "./more-tools.ts";
import { keptToolsTree } from "./tools-tree.ts";

const NAME = "mkosi-test-single";

export interface Container {
  /** A directory that is the container's user's, and seen in it. */
  readonly directory: string;
  /** Runs mkosi in a directory of that one. @throws when it fails */
  mkosi(args: readonly string[], directory: string): string;
}

export interface Containers {
  readonly single: Container;
  readonly root: Container;
  remove(): void;
}

/** @returns containers of the same programs, once with one id, once with all of them */
export async function containers(): Promise<Containers> {
  // A system user is given no subordinate ids.
  if (spawnSync("id", [NAME]).status !== 0) execFileSync("useradd", ["--system", "--shell", "/bin/sh", NAME]);
  const more = await moreTools(["user-mode-linux", "libslirp-helper", "bubblewrap", "iproute2", "kmod"]);
  const place = mkdtempSync(join(tmpdir(), "mkosi-test-single-"));
  execFileSync("chmod", ["755", place]);
  for (const name of ["bin", "dist", "builtin", "package.json"]) {
    cpSync(join(CHECKOUT, name), join(place, "checkout", name), { recursive: true });
  }
  execFileSync("chmod", ["-R", "a+rX", join(place, "checkout")]);
  cpSync(join(keptToolsTree(), "etc"), join(place, "etc"), { recursive: true, verbatimSymlinks: true });
  for (const name of ["passwd", "group", "resolv.conf"]) {
    rmSync(join(place, "etc", name), { force: true });
    cpSync(join("/etc", name), join(place, "etc", name));
  }
  const isUser = [
    "setpriv",
    `--reuid=${NAME}`,
    `--regid=${NAME}`,
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
  const make = (name: string, who: readonly string[], namespace: readonly string[]): Container => {
    const directory = join(place, name);
    mkdirSync(directory);
    if (who.length > 0) execFileSync("chown", [NAME, directory]);
    return {
      directory,
      mkosi: (args, at) => enter({ place, more, who, namespace, directory: at, home: directory, args }),
    };
  };
  return {
    single: make("single", isUser, ["--unshare-user", "--uid", "1000", "--gid", "1000"]),
    root: make("root", [], ["--cap-add", "ALL"]),
    remove() {
      more.remove();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

interface Entered {
  readonly place: string;
  readonly more: MoreTools;
  readonly who: readonly string[];
  readonly namespace: readonly string[];
  readonly directory: string;
  readonly home: string;
  readonly args: readonly string[];
}

function enter({ place, more, who, namespace, directory, home, args }: Entered): string {
  const usr = join(place, "usr");
  mkdirSync(usr, { recursive: true });
  const script = `mount -t overlay overlay -o "lowerdir=${more.directory}/usr:${keptToolsTree()}/usr" "${usr}"; exec "$@"`;
  const links = ["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  const env = [`HOME=${home}`, `XDG_CACHE_HOME=${home}/.cache`, "PATH=/usr/bin:/usr/sbin:/opt/node"];
  const argv = [
    ...["unshare", "--mount", "sh", "-ec", script, "sh", ...who, "env", "-i", ...env, "bwrap", ...namespace],
    ...[
      "--die-with-parent",
      "--tmpfs",
      "/",
      "--ro-bind",
      usr,
      "/usr",
      ...links,
      "--ro-bind",
      join(place, "etc"),
      "/etc",
    ],
    ...[
      "--dev-bind",
      "/dev",
      "/dev",
      "--proc",
      "/proc",
      "--bind",
      "/sys",
      "/sys",
      "--dir",
      "/run",
      "--tmpfs",
      "/tmp",
      "--tmpfs",
      "/var/tmp",
    ],
    ...["--ro-bind", dirname(process.execPath), "/opt/node", "--bind", place, place, "--chdir", directory],
    ...["node", join(place, "checkout/bin/mkosi"), ...args],
  ];
  const result = spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8", maxBuffer: 1e9 });
  if (result.status !== 0)
    throw new Error(`mkosi ${args.join(" ")}: status ${result.status}\n${result.stdout}${result.stderr}`);
  return `${result.stdout}${result.stderr}`;
}
