// Where things are in a store, and how large it may become.

import { statfsSync } from "node:fs";
import { join } from "node:path";

/** Where things are in a store. */
export function storePlaces(directory: string) {
  const place = (name: string) => join(directory, name);
  return {
    layers: place("layers"),
    traces: place("traces"),
    outputs: place("outputs"),
    builds: place("builds"),
    lock: place("lock"),
    digests: place("digests.json"),
    listings: place("listings"),
  };
}

/** Part of a file system that a store may fill. */
const SHARE = 0.2;

/**
 * How many bytes the layers of a store may have together; those that were not used for the longest time go then.
 * @param configured CacheSize=
 */
export function sizeLimit(directory: string, configured: number | null): number {
  if (configured !== null) return configured;
  const { bsize, blocks } = statfsSync(directory);
  return Math.floor(blocks * bsize * SHARE);
}
