// Which paths of a tree can be others than they were, told by the layers that it was made of then and is made of now.

import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Layer } from "./layers.ts";

/** Paths relative to the tree, the tree itself as the empty text: all that layers have which are in one stack only. */
export function changedPaths(before: readonly Layer[], after: readonly Layer[]): ReadonlySet<string> {
  // Layers with other keys may have the same content.
  const both = new Set(before.map(({ path }) => path).filter((path) => after.some((layer) => layer.path === path)));
  const paths = new Set<string>();
  for (const layer of [...before, ...after]) if (!both.has(layer.path)) collect(layer.path, "", paths);
  return paths;
}

function collect(upper: string, path: string, paths: Set<string>): void {
  paths.add(path);
  // A name that is not UTF-8 is not found; planUpdate() gives up on it.
  if (lstatSync(join(upper, path), { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const name of readdirSync(join(upper, path))) collect(upper, path === "" ? name : `${path}/${name}`, paths);
}
