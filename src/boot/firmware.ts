// The firmware files that kernel modules name, found in a tree: compressed or not, by patterns, and through links.

import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { compilePattern } from "../settings/types/glob.ts";
import { pathInside, statusInside, wayInside } from "../tools/inside.ts";
import { chooseFirmware, type ModuleFilter } from "./module-filter.ts";

export const FIRMWARE = "usr/lib/firmware";
const COMPRESSIONS = ["", ".xz", ".zst", ".gz"];

/** The files and links in usr/lib/firmware, relative to it. */
export async function firmwareFiles(root: string): Promise<string[]> {
  return await filesBelow(root, FIRMWARE);
}

/**
 * The firmware that a filter leaves or adds, with the symbolic links on the way to it.
 * @param present what firmwareFiles gave
 * @param needed as modules name it, relative to usr/lib/firmware; may hold a `*`
 * @returns paths relative to the tree's root, sorted
 */
export async function requiredFirmware(
  root: string,
  present: readonly string[],
  needed: readonly string[],
  filter: ModuleFilter,
): Promise<readonly string[]> {
  const found = new Set([...matchFirmware(present, needed), ...(await behindLinks(root, needed))]);
  const chosen = chooseFirmware(found, [...new Set([...present, ...found])], filter);
  const paths = chosen.flatMap((path) => linksTo(root, join(FIRMWARE, path)));
  return [...new Set(paths)].toSorted();
}

/** Files and symbolic links below a directory of a tree, relative to it, sorted. */
export async function filesBelow(root: string, path: string): Promise<string[]> {
  const directory = pathInside(root, path);
  const entries: Dirent[] = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Which of the files modules mean: a name may hold a `*`, and files may be compressed. */
function matchFirmware(present: readonly string[], needed: readonly string[]): string[] {
  const names = new Set(needed.filter((name) => !name.includes("*")));
  const globs = needed
    .filter((name) => name.includes("*"))
    .map((name) => ({ expression: compilePattern(name), depth: depthOf(name) }));
  return present.filter((path) => {
    const bare = path.replace(/\.(?:gz|xz|zst)$/, "");
    if (names.has(path) || names.has(bare)) return true;
    return globs.some(
      ({ expression, depth }) => depth === depthOf(path) && (expression.test(path) || expression.test(bare)),
    );
  });
}

/** Files that modules name by a path through a link to another directory. */
async function behindLinks(root: string, needed: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of needed) {
    if (!(await passesLink(root, name))) continue;
    for (const path of COMPRESSIONS.map((suffix) => name + suffix)) {
      if (isThere(root, join(FIRMWARE, path))) found.push(path);
    }
  }
  return found;
}

async function passesLink(root: string, name: string): Promise<boolean> {
  const firmware = pathInside(root, FIRMWARE);
  for (let parent = dirname(name); parent !== "."; parent = dirname(parent)) {
    if ((await lstat(join(firmware, parent)).catch(() => undefined))?.isSymbolicLink() === true) return true;
  }
  return false;
}

function depthOf(path: string): number {
  return path.split("/").length;
}

/** Every symbolic link that is followed on the way to a file, and where they lead; all relative to the root. */
function linksTo(root: string, path: string): readonly string[] {
  const { links, end } = wayInside(root, path);
  return isThere(root, path) ? [...links, end] : links;
}

/** Links that go round lead nowhere. */
function isThere(root: string, path: string): boolean {
  return statusInside(root, path)?.isSymbolicLink() === false;
}
