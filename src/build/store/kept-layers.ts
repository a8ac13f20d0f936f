// The store that keeps layers from build to build (Incremental=): a directory for each layer, and the traces that tell
// which one a step needs. A layer is made under another name and moved to its own as a whole; its trace is written when
// the layer has reached the disk, so that no trace ever leads to half a layer, whatever ends the program.

import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VERSION } from "../../facts/version.ts";
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
const ABOUT = "layer.json";

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

  const keyBelow = (stack: Stack) => stack.at(-1)?.key ?? programKey();

  async function find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined> {
    if (fresh) return undefined;
    const key = await traces.find({ below: keyBelow(stack), step: title }, inputs);
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
    const position = { below: keyBelow(stack), step: title };
    // One that is made afresh does not replace the old, which others may be using; its trace is newer, and found first.
    const key = keyOf([position, reads, fresh ? randomUUID() : ""]);
    await writeFile(join(made, ABOUT), JSON.stringify({ step: title, image: context.image.name }));
    // Another build may have made the same one meanwhile.
    await rename(made, join(layers, key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    const layer = layerAt(join(layers, key), key);
    if (layer === undefined) throw new Error(`the layer ${key} is gone`);
    unsaved.push(syncFileSystem(layers).then(() => traces.add(position, { key, image: context.image.name, reads })));
    return layer;
  }

  return {
    find,
    async add(stack, work) {
      const findOrMake = async () => (await find(stack, work.title, work.inputs)) ?? (await make(stack, work));
      if (work.shared === undefined) return [...stack, await findOrMake()];
      const key = keyOf([keyBelow(stack), work.title, work.shared]);
      const layer = running.get(key) ?? findOrMake();
      running.set(key, layer);
      return [...stack, await layer];
    },
    async mount(stack, target) {
      return await mountStack(stack, join(scratch, String(count++)), target);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(unsaved);
    },
  };
}

function layerAt(place: string, key: string): Layer | undefined {
  return existsSync(join(place, ABOUT)) ? { key, path: join(place, "upper"), notes: join(place, "notes") } : undefined;
}

/** Another version of the program may do things otherwise: it begins anew. */
function programKey(): string {
  const status = statSync(join(import.meta.dirname, "main.cjs"), { throwIfNoEntry: false });
  return keyOf([VERSION, status?.size, status?.mtimeMs]);
}
