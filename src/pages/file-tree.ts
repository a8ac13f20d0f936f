// The files of a page as a tree whose totals are known, made of their columns in one pass each. Nothing here touches a document.

import type { FileColumns } from "./data.ts";

export interface FileTree {
  readonly columns: FileColumns;
  /** What is in a directory, in no order. */
  children(row: number): readonly number[];
  /** Without a leading slash; empty for the root. */
  path(row: number): string;
  /** Rows that are listed as files: all but the root, of a comparison those that differ. */
  readonly listed: readonly number[];
}

/** Bytes of each row with all that is in it. */
export interface Totals {
  /** In a comparison bytes that came or went, whatever the sum. */
  readonly weight: Float64Array;
  /** In a comparison bytes that the newer image has more. */
  readonly net: Float64Array;
}

export function fileTree(columns: FileColumns): FileTree {
  const { names, parents, change } = columns;
  const children: (number[] | undefined)[] = [];
  const listed: number[] = [];
  for (let row = 1; row < names.length; row++) {
    const parent = parents[row] ?? 0;
    const siblings = children[parent];
    if (siblings === undefined) children[parent] = [row];
    else siblings.push(row);
    if (change === undefined || change.states[row] !== 0) listed.push(row);
  }
  const paths: string[] = [""];
  const path = (row: number): string => {
    const known = paths[row];
    if (known !== undefined) return known;
    const directory = path(parents[row] ?? 0);
    return (paths[row] = directory === "" ? (names[row] ?? "") : `${directory}/${names[row] ?? ""}`);
  };
  return { columns, children: (row) => children[row] ?? [], path, listed };
}

/** @param owner the package (as `FileColumns.packages` has it) whose files count; undefined: all */
export function totalsOf({ names, parents, sizes, packages, change }: FileColumns, owner?: number): Totals {
  const weight = new Float64Array(names.length);
  const net = new Float64Array(names.length);
  // A directory stands before what is in it: backwards, all of it is summed up when its own turn comes.
  for (let row = names.length - 1; row > 0; row--) {
    if (owner === undefined || packages[row] === owner) {
      const delta = (sizes[row] ?? 0) - (change?.before[row] ?? 0);
      weight[row] = (weight[row] ?? 0) + Math.abs(delta);
      net[row] = (net[row] ?? 0) + delta;
    }
    const parent = parents[row] ?? 0;
    weight[parent] = (weight[parent] ?? 0) + (weight[row] ?? 0);
    net[parent] = (net[parent] ?? 0) + (net[row] ?? 0);
  }
  return { weight, net };
}

/** Bytes of each package's files; place 0 has those of none. */
export function packageSizes({ sizes, packages }: FileColumns, count: number): Float64Array {
  const totals = new Float64Array(count + 1);
  packages.forEach((owner, row) => {
    totals[owner] = (totals[owner] ?? 0) + (sizes[row] ?? 0);
  });
  return totals;
}
