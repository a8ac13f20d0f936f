// The machine that is measured on: where there is room, and what it is made of.

import { readFileSync, statfsSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";

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
