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

/** The package that a specification such as `bash=5`, `bash>=5` or `bash-5.2-1` is about, when there is one and the rest is its version. */
export function nameInVersion(spec: string, all: readonly string[]): string | undefined {
  if (all.includes(spec)) return undefined;
  return [spec.replace(/\s*[<>=].*$/, ""), spec.replace(/-\d.*$/, "")].find(
    (name) => name !== spec && all.includes(name),
  );
}
