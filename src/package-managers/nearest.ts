// Names that a typing error may have been meant to be.

import { editDistance } from "../report/suggest.ts";

/** At most three names that a typing error could have made into `name`. */
export function nearest(name: string, all: readonly string[]): string[] {
  const limit = Math.max(1, Math.floor(name.length / 4));
  return all
    .filter((candidate) => Math.abs(candidate.length - name.length) <= limit)
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
