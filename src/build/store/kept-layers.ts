// The store that keeps layers from build to build (Incremental=): a directory for each layer, and the traces that tell
// which one a step needs. A layer is made under another name and moved to its own as a whole. It counts as long as the
// machine runs, and after that only if it had reached the disk (`SYNCED`), whatever ends the program or the machine.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { artifactSize } from "../../outputs/size.ts";
import { makeWritableDirectory } from "../../report/directories.ts";
import { UNFINISHED } from "../../report/whole-file.ts";
import { bootId } from "../../sandbox/boot-id.ts";
import { lockedDirectory, removeAbandoned } from "../../sandbox/locked-directory.ts";
import { syncFileSystem } from "../../sandbox/sync.ts";
import { type Layer, type LayerStore, type LayerWork, makeLayer, mountStack, type Stack } from "../layers.ts";
import type { Inputs } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import { readsOf, watched } from "./reads.ts";
import type { StoreOptions } from "./store.ts";
import type { Traces } from "./traces.ts";

/** Beside a layer's directories: who made it, and by its time when it was last used. */
export const ABOUT = "layer.json";

/** Beside them: their size in bytes, once it was counted. */
export const SIZE = "size";

/** Beside them, once all of the layer is on the disk. */
const SYNCED = "synced";

/** Work (seconds) that may be lost with the power before it is worth to wait until the disk has it. */
const WORTH_WAITING = 10;

export interface AboutLayer {
  readonly step: string;
  /** The image that it was made for first. */
  readonly image: string;
  /** The boot of the machine that it was made in. */
  readonly boot: string;
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
  const pending: Promise<void>[] = [];
  const later = (...works: readonly Promise<void>[]) => {
    // What goes wrong comes out at the end.
    for (const work of works) work.catch(() => {});
    pending.push(...works);
  };
  let unsynced: { readonly layer: Layer; readonly seconds: number }[] = [];
  const boot = bootId();
  let count = 0;

  const keyBelow = (stack: Stack, inputs: Inputs) => stack.at(-1)?.key ?? inputs.start;

  async function find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined> {
    if (fresh) return undefined;
    const key = await traces.find({ below: keyBelow(stack, inputs), step: title }, inputs);
    const layer = key === undefined ? undefined : layerAt(join(layers, key), key, boot);
    if (layer === undefined) return undefined;
    const now = new Date();
    await utimes(join(layers, layer.key, ABOUT), now, now);
    return layer;
  }

  async function make(stack: Stack, work: LayerWork): Promise<Layer> {
    const { title, context, inputs } = work;
    await using place = await lockedDirectory(layers, UNFINISHED);
    const made = join(place.path, "layer");
    const started = performance.now();
    let seen: Awaited<ReturnType<typeof readsOf>> = { reads: {}, changed: [] };
    await makeLayer(stack, made, work, async (whole) => {
      const watch = watched(whole, inputs);
      await work.run(watch.context);
      seen = await readsOf(watch, inputs);
    });
    const { reads, changed } = seen;
    const position = { below: keyBelow(stack, inputs), step: title };
    // One that is made afresh does not replace the old, which others may be using; its trace is newer, and found first.
    const isOwn = fresh || work.always === true || changed.length > 0;
    const key = keyOf([position, reads, isOwn ? randomUUID() : ""]);
    const about: AboutLayer = { step: title, image: context.image.name, boot };
    await writeFile(join(made, ABOUT), JSON.stringify(about));
    const layer = await moveLayer(made, join(layers, key), key, boot);
    if (changed.length > 0) context.report.output(`Changed while it was read: ${changed.join(", ")}\n`);
    else await traces.add(position, { key, image: context.image.name, reads });
    later(inputs.keep(reads), noteSize(layer));
    unsynced.push({ layer, seconds: (performance.now() - started) / 1000 });
    if (isWorthSaving()) later(save());
    return layer;
  }

  const isWorthSaving = () => unsynced.reduce((sum, { seconds }) => sum + seconds, 0) > WORTH_WAITING;

  /** Goes on beside the steps that follow. */
  async function save(): Promise<void> {
    const saving = unsynced.map(({ layer }) => join(layer.path, "..", SYNCED));
    unsynced = [];
    await syncFileSystem(layers);
    for (const mark of saving) await writeFile(mark, "");
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
      await Promise.all(pending);
    },
  };
}

async function noteSize({ path }: Layer): Promise<void> {
  await writeFile(join(path, "..", SIZE), String(await artifactSize(path)));
}

/** Moves a finished layer to its place, unless another build has made the same one meanwhile. */
async function moveLayer(made: string, place: string, key: string, boot: string): Promise<Layer> {
  const isTaken = (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    return true;
  };
  const taken = await rename(made, place).catch(isTaken);
  if (taken === true && layerAt(place, key, boot) === undefined) {
    // what the power cut has left
    await rm(place, { recursive: true });
    await rename(made, place);
  }
  const layer = layerAt(place, key, boot);
  if (layer === undefined) throw new Error(`the layer ${key} is gone`);
  return layer;
}

/** Undefined when there is none, or when it may have lost parts with the power. */
function layerAt(place: string, key: string, boot: string): Layer | undefined {
  try {
    const about = JSON.parse(readFileSync(join(place, ABOUT), "utf8")) as AboutLayer;
    if (about.boot !== boot && !existsSync(join(place, SYNCED))) return undefined;
    return { key, path: join(place, "upper"), notes: join(place, "notes") };
  } catch {
    return undefined;
  }
}
