// Changelogs of Debian packages, as they are in the tree.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { fileInside } from "./inside.ts";

/** By how Debian Policy, 12.7, calls them: native packages have only the second. */
const NAMES = ["changelog.Debian.gz", "changelog.gz"];

/** The changelogs of packages by their names; without those that have none, or whose documentation the tree lacks. */
export async function debianChangelogs(root: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    const changelog = await debianChangelog(root, name);
    if (changelog !== undefined) found.set(name, changelog);
  }
  return found;
}

async function debianChangelog(root: string, name: string): Promise<string | undefined> {
  for (const file of NAMES) {
    const path = fileInside(root, join("usr/share/doc", name, file));
    if (path !== undefined) return (await promisify(gunzip)(await readFile(path))).toString("utf8").trim();
  }
  return undefined;
}
