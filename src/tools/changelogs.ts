// Changelogs of Debian packages, as they are in the tree.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

/** By how Debian Policy, 12.7, calls them: native packages have only the second. */
const NAMES = ["changelog.Debian.gz", "changelog.gz"];

/** The changelog of a package; undefined where it has none, or the tree none of its documentation. */
export async function debianChangelog(root: string, name: string): Promise<string | undefined> {
  for (const file of NAMES) {
    const path = join(root, "usr/share/doc", name, file);
    const packed = await readFile(path).catch(() => undefined);
    if (packed !== undefined) return (await promisify(gunzip)(packed)).toString("utf8").trim();
  }
  return undefined;
}
