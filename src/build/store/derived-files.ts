// Files that steps make from other files (tools/derived.ts), kept like layers: what a step has read to make one is
// watched as well, and counts as read by the step even when the file is there already.

import { constants, existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DerivedFile } from "../../tools/derived.ts";
import type { StepContext } from "../image-build.ts";
import type { InputName, Inputs, Reads } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import type { LayerDirectory } from "./layer-directory.ts";
import { readsOf, watched } from "./reads.ts";
import type { StoreOptions } from "./store.ts";
import type { Traces } from "./traces.ts";

export interface DerivedFiles {
  /**
   * Makes a file, or copies the one that was made from the same things before.
   * @param context that of the step, not watched
   * @returns the names of what was read to make it
   */
  provide(file: DerivedFile, context: StepContext, inputs: Inputs): Promise<readonly InputName[]>;
}

const FILE = "file";

/** In the notes of a step: the derived files that it got, a line of JSON each, for `mkosi why`. */
const USED = "derived-files";

/** A derived file that a step got. */
export interface DerivedUse {
  readonly what: string;
  /** The file's name. */
  readonly file: string;
  /** The settings and tools that making it has read. */
  readonly reads: Reads;
}

/** The derived files that the step with these notes got. */
export async function derivedUses(notes: string): Promise<readonly DerivedUse[]> {
  const text = await readFile(join(notes, USED), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as DerivedUse]));
}

async function noteUse({ notes }: StepContext, { what, output }: DerivedFile, reads: Reads): Promise<void> {
  // Packing has none: it is not kept as a layer.
  if (notes !== "") await appendFile(join(notes, USED), `${JSON.stringify({ what, file: basename(output), reads })}\n`);
}

export function openDerivedFiles(
  directory: LayerDirectory,
  traces: Traces,
  { fresh, project }: Pick<StoreOptions, "fresh" | "project">,
): DerivedFiles {
  return {
    async provide(file, context, inputs) {
      const position = { below: keyOf([inputs.start, await file.from()]), step: file.what };
      const known = fresh ? undefined : await traces.find(position, inputs);
      const kept = known === undefined ? undefined : await directory.take(known.key);
      if (known !== undefined && kept !== undefined && existsSync(join(kept.path, FILE))) {
        await copyFile(join(kept.path, FILE), file.output, constants.COPYFILE_FICLONE);
        context.report.output(`${file.what}: the one that was made from the same things before\n`);
        await noteUse(context, file, known.reads);
        return Object.keys(known.reads);
      }
      const started = performance.now();
      const watch = watched(context, { inputs, derived: undefined });
      await file.make(watch.context);
      const { reads, changed } = await readsOf(watch, inputs);
      await noteUse(context, file, reads);
      if (changed.length > 0) return Object.keys(reads);
      await using place = await directory.create();
      const made = join(place.path, "layer");
      for (const name of ["upper", "notes"]) await mkdir(join(made, name), { recursive: true });
      await copyFile(file.output, join(made, "upper", FILE), constants.COPYFILE_FICLONE);
      const key = keyOf([position, reads]);
      const image = context.image.name;
      const seconds = (performance.now() - started) / 1000;
      const layer = await directory.keep(made, key, { step: file.what, image, project, derived: true }, seconds);
      await traces.add(position, { key: layer.key, image, reads });
      return Object.keys(reads);
    },
  };
}
