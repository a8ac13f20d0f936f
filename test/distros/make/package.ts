// A package as all formats see it.

import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

export interface Package {
  /** As in Fedora. */
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  readonly noarch: boolean;
  readonly summary: string;
  /** The .deb files that it is made of, with the first one's version. */
  readonly debs: readonly string[];
  /** Names of other packages here. */
  readonly depends: Set<string>;
  /** Other names that rpm, and pacman, know it by. */
  readonly provides: { readonly rpm: readonly string[]; readonly pacman: readonly string[] };
  /** Weak dependencies. */
  readonly recommends: readonly string[];
  readonly scriptlets: Readonly<Partial<Record<"pre" | "post" | "preun" | "postun" | "posttrans", string>>>;
  /** Directory with its files. */
  readonly root: string;
  /** Of which repository: everything, applications, what is newer. */
  readonly part: "base" | "applications" | "updates" | "release";
}

/** All that is below a directory, directories before what is in them, sorted by name. */
export function walk(root: string, below = ""): [path: string, stats: Stats][] {
  return readdirSync(join(root, below))
    .toSorted()
    .flatMap((name) => {
      const path = join(below, name);
      const stats = lstatSync(join(root, path));
      return [[path, stats] as [string, Stats], ...(stats.isDirectory() ? walk(root, path) : [])];
    });
}
