// With SourceDateEpoch= two builds are to give the same bytes. These files are others every time, though nothing in the
// image needs them: they go.

import { rm } from "node:fs/promises";
import { entryInside } from "./inside.ts";

/** Paths in the tree, and why they are never the same twice. */
export const LEAKS: readonly { readonly path: string; readonly reason: string }[] = [
  { path: "var/cache/ldconfig/aux-cache", reason: "has inode numbers and times; ldconfig makes it again" },
  { path: "var/log/alternatives.log", reason: "has the time of each line" },
  { path: "var/log/dpkg.log", reason: "has the time of each line" },
  { path: "var/log/apt", reason: "has the time of each run" },
  { path: "var/log/pacman.log", reason: "has the time of each line" },
];

/** Removes what is in a tree by the time or place of the build. */
export async function removeLeaks(root: string): Promise<void> {
  for (const { path } of LEAKS) await rm(entryInside(root, path), { recursive: true, force: true });
}
