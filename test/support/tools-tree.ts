// Programs of the default tools tree that a build before has left in the cache: cpio, mtools, ukify, which the host
// need not have.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The cache that tests and everybody else share. */
export function cacheDirectory(): string {
  const configured = process.env["XDG_CACHE_HOME"];
  if (configured?.startsWith("/")) return join(configured, "mkosi");
  return process.getuid?.() === 0 ? "/var/cache/mkosi" : join(homedir(), ".cache/mkosi");
}

/** The newest kept tree. @throws {Error} when there is none: a test builds with --tools-tree=default first */
export function keptToolsTree(): string {
  const trees = join(cacheDirectory(), "tools");
  const complete = readdirSync(trees)
    .map((name) => join(trees, name))
    .filter((place) => existsSync(join(place, "complete")))
    .toSorted((a, b) => statSync(join(b, "complete")).mtimeMs - statSync(join(a, "complete")).mtimeMs);
  if (complete[0] === undefined) throw new Error(`no tools tree in ${trees}`);
  return join(complete[0], "mkosi.tools");
}

/**
 * Runs a shell script with the tree's programs; it sees one directory, which is its working directory.
 * @param devices whether it sees the machine's devices, too
 */
export function runInToolsTree(script: string, directory: string, devices = false): string {
  const usr = join(keptToolsTree(), "usr");
  const links = ["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]);
  const places = [
    "--ro-bind",
    usr,
    "/usr",
    ...links,
    ...(devices ? ["--dev-bind", "/dev", "/dev", "--ro-bind", "/sys", "/sys", "--tmpfs", "/run"] : ["--dev", "/dev"]),
    "--proc",
    "/proc",
    "--tmpfs",
    "/tmp",
    "--bind",
    directory,
    directory,
  ];
  return execFileSync("bwrap", [...places, "--chdir", directory, "sh", "-ec", script], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
}
