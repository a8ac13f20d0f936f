// Unified kernel images that a distribution has made and signed, which take the place of those that are made here.

import { copyFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { findKernels, findPrebuiltImages, type Kernel } from "./kernels.ts";
import { wantsPrebuilt } from "./wanted.ts";

/** What is to be booted of the tree: its kernels, or the unified images that came with it; newest first. */
export async function bootedKernels(context: TreeContext): Promise<readonly Kernel[]> {
  return wantsPrebuilt(context) ? await findPrebuiltImages(context.root) : await findKernels(context.root);
}

/** @param path of the file to make, relative to the tree's root */
export async function installPrebuilt({ root }: TreeContext, kernel: Kernel, path: string): Promise<void> {
  const output = pathInside(root, path);
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  await copyFile(kernel.path, output);
}
