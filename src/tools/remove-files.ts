// RemoveFiles= and times: the last changes to a tree before it is packed.

import { lstat, lutimes, readdir, readlink, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { compilePattern } from "../settings/types/glob.ts";
import { wayInside } from "./inside.ts";

/**
 * Removes what matches glob patterns. `*` also matches names that begin with a dot, `**` any number of directories;
 * symbolic links are removed, never followed, so that nothing outside the tree is touched.
 */
export async function removeFiles(root: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    const parts = partsOf(pattern);
    if (parts.includes("..") || parts.length === 0) continue;
    for (const path of await matches(root, "", parts)) await rm(join(root, path), { recursive: true, force: true });
  }
}

function partsOf(pattern: string): string[] {
  return pattern.split("/").filter((part) => part !== "" && part !== ".");
}

/** The paths relative to the root that match, parents before what is in them. */
async function matches(root: string, directory: string, parts: readonly string[]): Promise<string[]> {
  const [part, ...rest] = parts;
  if (part === undefined) return directory === "" ? [] : [directory];
  const entries = await readdir(join(root, directory), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  if (part === "**") {
    found.push(...(await matches(root, directory, rest)));
    for (const entry of entries)
      if (entry.isDirectory()) found.push(...(await matches(root, join(directory, entry.name), parts)));
    return found;
  }
  const expression = compilePattern(part);
  for (const entry of entries) {
    if (!expression.test(entry.name)) continue;
    const path = join(directory, entry.name);
    if (rest.length === 0) found.push(path);
    else if (entry.isDirectory() || (entry.isSymbolicLink() && (await isMergedDirectory(root, path))))
      found.push(...(await matches(root, path, rest)));
  }
  return found;
}

/** `lib -> usr/lib`: such links at the top stay in the tree, which others may not (an absolute one leads to the host's files). */
async function isMergedDirectory(root: string, path: string): Promise<boolean> {
  if (path.includes("/")) return false;
  const target = await readlink(join(root, path));
  return /^usr\/[\w-]+$/.test(target) && wayInside(root, target).links.length === 0;
}

/** Removes all directories below the root that have nothing in them but such directories. */
export async function removeEmptyDirectories(root: string): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(root, entry.name);
    await removeEmptyDirectories(path);
    if ((await readdir(path)).length === 0) await rmdir(path);
  }
}

/** Sets times that are later than `epoch` (seconds) back to it, for the whole tree or below a directory inside it. */
export async function clampTimes(root: string, epoch: number, directory = ""): Promise<void> {
  const path = join(root, directory);
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return;
  if (status.isDirectory()) {
    for (const name of await readdir(path)) await clampTimes(root, epoch, join(directory, name));
  }
  if (status.mtimeMs > epoch * 1000 || status.atimeMs > epoch * 1000) {
    await lutimes(path, Math.min(status.atimeMs / 1000, epoch), Math.min(status.mtimeMs / 1000, epoch));
  }
}
