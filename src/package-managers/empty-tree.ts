// Trees that only a solver looks at: nothing is in them.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PackageContext } from "./manager.ts";

/** Makes an empty tree in the image's scratch directory, unless it is there, and returns its path. */
export async function emptyTree({ scratch }: PackageContext, manager: string, name: string): Promise<string> {
  const root = join(scratch, manager, name);
  await mkdir(root, { recursive: true });
  return root;
}
