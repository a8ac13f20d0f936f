// The machine that is measured on: where there is room, where the kept tools tree is, what it is made of.

import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { cpus, homedir, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

/** tmpfs when it has room for images: the disk's moods are not what is compared. */
export function scratchParent(): string {
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize > 8 * 2 ** 30 ? "/dev/shm" : tmpdir();
}

/** Root of the newest tools tree that mkosi keeps in the user's cache. @throws {Error} when there is none */
export function keptToolsTree(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? (process.getuid?.() === 0 ? "/var/cache" : join(homedir(), ".cache"));
  const tools = join(cache, "mkosi/tools");
  const complete = (existsSync(tools) ? readdirSync(tools) : [])
    .map((name) => join(tools, name, "complete"))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  const place = complete[0]?.replace(/\/complete$/, "");
  const root = readdirSync(place ?? tools).find((name) => existsSync(join(place ?? "", name, "usr/bin")));
  if (place === undefined || root === undefined)
    throw new Error(`there is no tools tree in ${tools}; give one with --tools-tree=`);
  return join(place, root);
}

export function describeMachine(): string {
  const os = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  return `${cpus().length} cores (${cpu}), ${memory}, ${os}, Linux ${release()}, Node ${process.version}`;
}
