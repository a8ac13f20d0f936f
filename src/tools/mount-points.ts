// Directories of a tree that programs inside of it find mounts at.

import { existsSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { pathInside } from "./inside.ts";

/** Mount points with their modes. A base system has them from its packages, other trees may not. */
const MOUNT_POINTS: Readonly<Record<string, number>> = {
  proc: 0o755,
  sys: 0o755,
  dev: 0o755,
  run: 0o755,
  tmp: 0o1777,
  "var/tmp": 0o1777,
};

/** Makes the mount points where they are missing, since bubblewrap would make them with modes of its own. */
export async function prepareMountPoints(root: string): Promise<void> {
  for (const [directory, mode] of Object.entries(MOUNT_POINTS)) {
    const path = pathInside(root, directory);
    if (existsSync(path)) continue;
    await mkdir(path, { recursive: true });
    await chmod(path, mode);
  }
}
