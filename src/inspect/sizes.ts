// Where the bytes of an image are: its largest files and directories.

import { dirname } from "node:path";
import type { Entry } from "./contents.ts";

export interface Sized {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Bytes of several things together. */
export function totalSize(all: readonly { readonly size: number }[]): number {
  return all.reduce((sum, { size }) => sum + size, 0);
}

const bySize = (a: Sized, b: Sized) => b.size - a.size || (a.path < b.path ? -1 : 1);

export function largestFiles(entries: readonly Entry[], count: number): readonly Sized[] {
  return entries
    .filter(({ size }) => size > 0)
    .toSorted(bySize)
    .slice(0, count)
    .map(({ path, size }) => ({ path, size }));
}

/** Directories with all that is in them. One that has little besides a larger one in it is left out, as it says nothing more. */
export function largestDirectories(entries: readonly Entry[], count: number): readonly Sized[] {
  const totals = new Map<string, number>();
  for (const { path, size } of entries) {
    if (size === 0) continue;
    for (let directory = dirname(path); directory !== "."; directory = dirname(directory))
      totals.set(directory, (totals.get(directory) ?? 0) + size);
  }
  const all = [...totals].map(([path, size]) => ({ path, size })).toSorted(bySize);
  const shown: Sized[] = [];
  for (const each of all) {
    if (shown.length === count) break;
    const inner = all.find((other) => other.path.startsWith(`${each.path}/`));
    if (inner === undefined || inner.size < 0.9 * each.size) shown.push(each);
  }
  return shown;
}
