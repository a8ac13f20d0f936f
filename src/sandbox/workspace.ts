// The directory where a build happens. On tmpfs when memory allows: faster, and as it is mounted in our own mount
// namespace nothing of it can be left behind. Otherwise a directory on disk, removed at the end or by the next build.

import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { makeWritableDirectory } from "../report/directories.ts";
import { lockedDirectory, removeAbandoned } from "./locked-directory.ts";
import { mountTmpfs, unmount } from "./mount.ts";
import { callerIds } from "./namespace.ts";

const PREFIX = "mkosi-workspace-";
/** Below this much free memory (bytes) a build on tmpfs would risk running out of it. */
const TMPFS_THRESHOLD = 6 * 1024 ** 3;

export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes the workspace.
 * @param configured the directory of `WorkspaceDirectory=`, which is then used whatever the memory
 * @param cache the user's cache directory: it has the mount point of a workspace on tmpfs
 */
export async function createWorkspace(configured: string | null, cache: string): Promise<Workspace> {
  const free = availableMemory();
  if (configured === null && free >= TMPFS_THRESHOLD && kernelHasTmpfsXattrs())
    return await tmpfsWorkspace(join(cache, "workspace"), Math.floor(free * 0.8));
  // With a kernel of our own, what this machine has keeps no owners; see own-places.ts.
  const disk = callerIds().hasOwnKernel ? join(cache, "workspaces") : "/var/tmp";
  return await diskWorkspace(configured ?? disk);
}

async function tmpfsWorkspace(path: string, size: number): Promise<Workspace> {
  await mountTmpfs(path, size);
  return { path, [Symbol.asyncDispose]: () => unmount(path) };
}

async function diskWorkspace(parent: string): Promise<Workspace> {
  makeWritableDirectory(parent, "WorkspaceDirectory=");
  await removeAbandoned(parent, PREFIX);
  return await lockedDirectory(parent, PREFIX);
}

function availableMemory(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return Number(match?.[1] ?? 0) * 1024;
}

/** tmpfs stores user.* attributes, which overlayfs needs, since Linux 6.6. */
function kernelHasTmpfsXattrs(): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 6);
}
