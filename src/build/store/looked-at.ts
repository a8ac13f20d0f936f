// Whether a step would do the same on a tree that is different at some paths, given where in the tree it looks.

import { lstatSync } from "node:fs";
import { join } from "node:path";

/**
 * @param layer what the step has made
 * @param looksAt where it looks, beyond what it has written; a path stands for all paths that begin with it, with or
 *   without a slash between
 * @param differences as treeDifferences() gives them
 */
export function isIndependent(layer: string, looksAt: readonly string[], differences: readonly string[]): boolean {
  return differences.every((path) => {
    const isSeen = looksAt.some((place) => path.startsWith(place) || place.startsWith(`${path}/`));
    return !isSeen && !isWritten(layer, path);
  });
}

/** Whether the layer has the path, or something that is no directory in its place. */
function isWritten(layer: string, path: string): boolean {
  let reached = layer;
  for (const name of path.split("/")) {
    if (!lstatSync(reached).isDirectory()) return true;
    reached = join(reached, name);
    if (lstatSync(reached, { throwIfNoEntry: false }) === undefined) return false;
  }
  return true;
}
