// Chooses the kernel modules that stay in the image, and makes sure that the index of each kernel's modules is right.

import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { TreeContext } from "../tools/context.ts";
import { runDepmod } from "../tools/depmod.ts";
import { pathInside, readInside } from "../tools/inside.ts";
import { kernelVersions } from "./kernels.ts";
import { modulesIn, removeOtherModules } from "./modules.ts";

const INDEXES = ["modules.dep", "modules.dep.bin", "modules.symbols", "modules.symbols.bin"];

/**
 * Applies KernelModules= and its relatives, and indexes the modules of every kernel whose index is not the one of the
 * modules that are there. @throws {Failure} {CommandFailure}
 */
export async function indexModules(context: TreeContext): Promise<void> {
  for (const version of await kernelVersions(context.root)) {
    if (!(await isIndexed(context.root, join("usr/lib/modules", version)))) await runDepmod(context, version);
    // What they depend on is read from the index, and then it must be made again.
    if (await removeOtherModules(context, version)) await runDepmod(context, version);
  }
}

/** Whether the index lists just the modules that are there, and is not older than any of them. */
async function isIndexed(root: string, path: string): Promise<boolean> {
  const directory = pathInside(root, path);
  const indexes = await Promise.all(INDEXES.map((name) => lstat(join(directory, name)).catch(() => undefined)));
  const time = indexes[0]?.mtimeMs;
  if (time === undefined || indexes.includes(undefined)) return false;
  const modules = await modulesIn(root, path);
  const dependencies = readInside(root, join(path, "modules.dep")) ?? "";
  const listed = dependencies
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(0, line.indexOf(":")));
  if (listed.toSorted().join() !== modules.join()) return false;
  const times = await Promise.all(modules.map(async (path) => (await lstat(join(directory, path))).mtimeMs));
  return times.every((modified) => modified <= time);
}
