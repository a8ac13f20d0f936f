// The machine that is measured on: where there is room, and what it is made of.

import { readdirSync, readFileSync, rmSync, statfsSync, statSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { userCache } from "../src/sandbox/user-cache.ts";

/** tmpfs when it has room for images: the disk's moods are not what is compared. */
export function scratchParent(): string {
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize > 8 * 2 ** 30 ? "/dev/shm" : tmpdir();
}

export function describeMachine(): string {
  const os = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  return `${cpus().length} cores (${cpu}), ${memory}, ${os}, Linux ${release()}, Node ${process.version}`;
}

/** Removes what is kept of earlier builds beside packages and metadata: base systems and plans. */
export function forgetBases(): void {
  const caches = join(userCache(process.getuid?.() ?? 0), "apt");
  for (const cache of readdirSync(caches)) {
    if (!statSync(join(caches, cache)).isDirectory()) continue;
    for (const name of readdirSync(join(caches, cache)))
      if (name === "base" || name.startsWith("plans-")) rmSync(join(caches, cache, name), { recursive: true });
  }
}
