// Trees that only a solver looks at: nothing is in them.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageContext } from "../../tools/context.ts";

/** Makes an empty tree in the image's scratch directory, and returns its path. */
export async function scratchTree(context: ImageContext, name: string): Promise<string> {
  const root = join(context.scratch, "rpm", name);
  await mkdir(root, { recursive: true });
  return root;
}
