// What `mkosi inspect --json` prints.

import type { Contents } from "./contents.ts";
import { largestDirectories, largestFiles, totalSize } from "./sizes.ts";

/** How many of the largest are listed. */
const LARGEST = 100;

/** All that is known, with totals and the largest in place of every single file. */
export function contentsJson({ entries, ...contents }: Contents): unknown {
  const count = (type: string) => entries.filter((entry) => entry.type === type).length;
  return {
    ...contents,
    tree: {
      files: count("file"),
      directories: count("directory"),
      links: count("link"),
      size: totalSize(entries),
      largestFiles: largestFiles(entries, LARGEST),
      largestDirectories: largestDirectories(entries, LARGEST),
    },
  };
}
