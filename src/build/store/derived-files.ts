// Files that steps make from other files (tools/derived.ts), kept like layers: what a step has read to make one is
// watched as well, and counts as read by the step even when the file is there already.

import { constants } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DerivedFile } from "../../tools/derived.ts";
import type { StepContext } from "../image-build.ts";
import type { InputName, Inputs } from "./fingerprints.ts";
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

export function openDerivedFiles(
  directory: LayerDirectory,
  traces: Traces,
  { fresh }: Pick<StoreOptions, "fresh">,
): DerivedFiles {
  return {
    async provide(file, context, inputs) {
      const position = { below: keyOf([inputs.start, await file.from()]), step: file.what };
      const known = fresh ? undefined : await traces.find(position, inputs);
      const kept = known === undefined ? undefined : await directory.take(known.key);
      if (known !== undefined && kept !== undefined) {
        await copyFile(join(kept.path, FILE), file.output, constants.COPYFILE_FICLONE);
        return Object.keys(known.reads);
      }
      const started = performance.now();
      const watch = watched(context, { inputs, derived: undefined });
      await file.make(watch.context);
      const { reads, changed } = await readsOf(watch, inputs);
      if (changed.length > 0) return Object.keys(reads);
      await using place = await directory.create();
      const made = join(place.path, "layer");
      for (const name of ["upper", "notes"]) await mkdir(join(made, name), { recursive: true });
      await copyFile(file.output, join(made, "upper", FILE), constants.COPYFILE_FICLONE);
      const key = keyOf([position, reads]);
      const image = context.image.name;
      const seconds = (performance.now() - started) / 1000;
      const layer = await directory.keep(made, key, { step: file.what, image, derived: true }, seconds);
      await traces.add(position, { key: layer.key, image, reads });
      return Object.keys(reads);
    },
  };
}
