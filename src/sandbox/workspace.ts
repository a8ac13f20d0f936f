// The directory where a build happens. On tmpfs when memory allows: faster, and as it is mounted in our own mount
// namespace nothing of it can be left behind. Otherwise a directory on disk, removed at the end or by the next build.

import { readFileSync } from "node:fs";
import { lstat, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { makeWritableDirectory } from "../report/directories.ts";
import { lockedDirectory, removeAbandoned } from "./locked-directory.ts";
import { mountTmpfs, unmount } from "./mount.ts";
import { callerIds } from "./namespace.ts";

const PREFIX = "mkosi-workspace-";
/** Of those that were kept: no later build takes them for abandoned. */
const KEPT_PREFIX = "mkosi-debug-workspace-";
/** In a kept one, the directory of the project. */
const PROJECT = "project";
/** Where workspaces on the disk are unless WorkspaceDirectory= says otherwise. */
const DEFAULT_PARENT = "/var/tmp";
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
  return await diskWorkspace(configured ?? defaultParent(cache));
}

/** Where workspaces on the disk are. With a kernel of our own, what this machine has keeps no owners; see own-places.ts. */
function defaultParent(cache: string): string {
  return callerIds().hasOwnKernel ? join(cache, "workspaces") : DEFAULT_PARENT;
}

/** Makes a workspace on the disk that stays, for who wants to look at it, until keptWorkspaces() finds it. */
export async function createKeptWorkspace(
  configured: string | null,
  cache: string,
  project: string,
): Promise<Workspace> {
  const parent = configured ?? defaultParent(cache);
  makeWritableDirectory(parent, "WorkspaceDirectory=");
  const path = await mkdtemp(join(parent, KEPT_PREFIX));
  await writeFile(join(path, PROJECT), project);
  return { path, [Symbol.asyncDispose]: async () => {} };
}

/** The workspaces that were kept of a project, and that are ours. */
export async function keptWorkspaces(
  configured: string | null,
  cache: string,
  project: string,
): Promise<readonly string[]> {
  const parent = configured ?? defaultParent(cache);
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(KEPT_PREFIX));
  const paths = names.map((name) => join(parent, name));
  const isOurs = async (path: string) =>
    (await lstat(path)).uid === process.getuid?.() && (await readFile(join(path, PROJECT), "utf8")) === project;
  const found = await Promise.all(paths.map((path) => isOurs(path).catch(() => false)));
  return paths.filter((_, index) => found[index]);
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
