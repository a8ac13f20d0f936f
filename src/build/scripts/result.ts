// What a step of the build overlay leaves for the image: files in the notes of its layer.

import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestTree } from "../digest.ts";
import type { Layer } from "../layers.ts";

/** Of the notes: what is $DESTDIR. */
export const DESTINATION = "dest";

const RESULTS = [DESTINATION, "artifacts", "output", "packages"];

/** Beside the notes: the digest of the results, once it was asked for. */
const DIGEST = "result";

/** A digest of what a layer hands on. Steps that use it need not run again when it is the same as before. */
export async function resultOf({ notes }: Layer): Promise<string> {
  const kept = join(notes, "..", DIGEST);
  const known = await readFile(kept, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const results = RESULTS.map((name) => join(notes, name)).filter((path) => existsSync(path));
  const digest = results.map((path) => digestTree(path)).join(" ");
  await writeFile(`${kept}.${process.pid}`, digest);
  await rename(`${kept}.${process.pid}`, kept);
  return digest;
}
