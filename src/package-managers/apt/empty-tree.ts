// Trees that only apt's solver looks at: a package database and nothing else.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageContext } from "../../tools/context.ts";

/** Makes a tree in the scratch directory in which the packages of `status` (dpkg's database as text) are installed. */
export async function emptyTree(context: ImageContext, name: string, status = ""): Promise<string> {
  const root = join(context.scratch, "apt", name);
  await mkdir(join(root, "var/lib/dpkg"), { recursive: true });
  await mkdir(join(root, "var/lib/apt"), { recursive: true });
  await writeFile(join(root, "var/lib/dpkg/status"), status);
  return root;
}

/** Makes what apt and dpkg expect of a tree before its first package. */
export async function prepareDatabase(root: string): Promise<void> {
  await mkdir(join(root, "var/lib/dpkg"), { recursive: true });
  for (const file of ["status", "available"]) await writeFile(join(root, "var/lib/dpkg", file), "", { flag: "a" });
}
