// The store that keeps layers from build to build (Incremental=): a directory for each layer, and the traces that tell
// which one a step needs. A layer is made under another name and moved to its own as a whole; its trace is written when
// the layer has reached the disk, so that no trace ever leads to half a layer, whatever ends the program.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { artifactSize } from "../../outputs/size.ts";
import { makeWritableDirectory } from "../../report/directories.ts";
import { lockedDirectory, removeAbandoned } from "../../sandbox/locked-directory.ts";
import { syncFileSystem } from "../../sandbox/sync.ts";
import { type Layer, type LayerStore, type LayerWork, makeLayer, mountStack, type Stack } from "../layers.ts";
import type { Inputs, Reads } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import { readsOf, watched } from "./reads.ts";
import type { StoreOptions } from "./store.ts";
import type { Traces } from "./traces.ts";

const UNFINISHED = ".new-";
/** Beside a layer's directories: who made it, and by its time when it was last used. */
export const ABOUT = "layer.json";

/** Beside them: their size in bytes, once it was counted. */
export const SIZE = "size";

export interface AboutLayer {
  readonly step: string;
  /** The image that it was made for first. */
  readonly image: string;
}

/**
 * Opens the layers in a directory, which is made when missing.
 * @param traces what is known about them
 */
export async function openKeptLayers(
  layers: string,
  traces: Traces,
  { scratch, fresh }: StoreOptions,
): Promise<LayerStore & AsyncDisposable> {
  makeWritableDirectory(layers, "CacheDirectory=");
  await removeAbandoned(layers, UNFINISHED);
  const running = new Map<string, Promise<Layer>>();
  const unsaved: Promise<void>[] = [];
  let count = 0;

  const keyBelow = (stack: Stack, inputs: Inputs) => stack.at(-1)?.key ?? inputs.start;

  async function find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined> {
    if (fresh) return undefined;
    const key = await traces.find({ below: keyBelow(stack, inputs), step: title }, inputs);
    const layer = key === undefined ? undefined : layerAt(join(layers, key), key);
    if (layer === undefined) return undefined;
    const now = new Date();
    await utimes(join(layers, layer.key, ABOUT), now, now);
    return layer;
  }

  async function make(stack: Stack, work: LayerWork): Promise<Layer> {
    const { title, context, inputs } = work;
    await using place = await lockedDirectory(layers, UNFINISHED);
    const made = join(place.path, "layer");
    let reads: Reads = {};
    await makeLayer(stack, made, work, async (whole) => {
      const watch = watched(whole);
      await work.run(watch.context);
      reads = await readsOf(watch, inputs);
    });
    const position = { below: keyBelow(stack, inputs), step: title };
    // One that is made afresh does not replace the old, which others may be using; its trace is newer, and found first.
    const key = keyOf([position, reads, fresh || work.always === true ? randomUUID() : ""]);
    await writeFile(join(made, ABOUT), JSON.stringify({ step: title, image: context.image.name } satisfies AboutLayer));
    // Another build may have made the same one meanwhile.
    await rename(made, join(layers, key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    const layer = layerAt(join(layers, key), key);
    if (layer === undefined) throw new Error(`the layer ${key} is gone`);
    unsaved.push(save(layer, () => traces.add(position, { key, image: context.image.name, reads })));
    return layer;
  }

  return {
    find,
    async add(stack, work) {
      const findOrMake = async () =>
        (work.always === true ? undefined : await find(stack, work.title, work.inputs)) ?? (await make(stack, work));
      if (work.shared === undefined) return await findOrMake();
      const key = keyOf([keyBelow(stack, work.inputs), work.title, work.shared]);
      const layer = running.get(key) ?? findOrMake();
      running.set(key, layer);
      return await layer;
    },
    async mount(stack, target) {
      return await mountStack(stack, join(scratch, String(count++)), target);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(unsaved);
    },
  };
}

/** Goes on beside the steps that follow. `trace` tells the next build of the layer: not before it is on the disk. */
async function save({ path }: Layer, trace: () => Promise<void>): Promise<void> {
  await writeFile(join(path, "..", SIZE), String(await artifactSize(path)));
  await syncFileSystem(path);
  await trace();
}

function layerAt(place: string, key: string): Layer | undefined {
  return existsSync(join(place, ABOUT)) ? { key, path: join(place, "upper"), notes: join(place, "notes") } : undefined;
}
