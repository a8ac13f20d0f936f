// Trees that only apt's solver looks at: a package database and nothing else.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageContext } from "../../tools/context.ts";

/** What is installed in a tree, or will be. */
export interface PackageDatabase {
  /** `name version architecture` of each package, sorted: two databases that agree in it have the same solutions. */
  readonly packages: readonly string[];
  /** apt's var/lib/apt/extended_states: which packages nobody asked for. */
  readonly extendedStates: string;
  /** dpkg's var/lib/dpkg/status, read or made when the solver needs it. */
  status(): Promise<string>;
}

export const NOTHING_INSTALLED: PackageDatabase = {
  packages: [],
  extendedStates: "",
  status: () => Promise.resolve(""),
};

/** Makes a tree with a package database in the image's scratch directory, and returns its path. */
export async function scratchTree(
  context: ImageContext,
  name: string,
  database: PackageDatabase = NOTHING_INSTALLED,
): Promise<string> {
  const root = join(context.scratch, "apt", name);
  await mkdir(join(root, "var/lib/dpkg"), { recursive: true });
  await mkdir(join(root, "var/lib/apt"), { recursive: true });
  await writeFile(join(root, "var/lib/dpkg/status"), await database.status());
  if (database.extendedStates !== "")
    await writeFile(join(root, "var/lib/apt/extended_states"), database.extendedStates);
  return root;
}
