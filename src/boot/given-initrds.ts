// Initrds and microcode that scripts of the image have made: files in $ARTIFACTDIR.

import { join } from "node:path";
import { fileInside, listInside } from "../tools/inside.ts";

/** Subdirectories of $ARTIFACTDIR. */
export const INITRDS = "io.mkosi.initrd";
export const MICROCODE = "io.mkosi.microcode";

export interface GivenInitrds {
  /** They come after those of Initrds=. */
  readonly initrds: readonly string[];
  /** Initrds with nothing else in them; if there is one, they take the place of what the tree has. */
  readonly microcode: readonly string[];
}

/** @param directory $ARTIFACTDIR as the scripts have left it; undefined when nothing is in it */
export function givenInitrds(directory: string | undefined): GivenInitrds {
  if (directory === undefined) return { initrds: [], microcode: [] };
  // Links lead to what is in it as well, and nowhere else: scripts see other files than we do.
  const filesIn = (name: string) =>
    listInside(directory, name)
      .map((entry) => entry.name)
      .toSorted()
      .flatMap((file) => fileInside(directory, join(name, file)) ?? []);
  return { initrds: filesIn(INITRDS), microcode: filesIn(MICROCODE) };
}
