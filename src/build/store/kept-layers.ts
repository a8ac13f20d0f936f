// The layers of Incremental=, kept from build to build, and the traces that tell which one a step needs.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type KeyedWork,
  type Layer,
  type LayerStore,
  type LayerWork,
  makeLayer,
  mountStack,
  type Stack,
} from "../layers.ts";
import type { DerivedFiles } from "./derived-files.ts";
import type { Inputs } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import type { LayerDirectory } from "./layer-directory.ts";
import { readsOf, watched } from "./reads.ts";
import type { StoreOptions } from "./store.ts";
import type { Traces } from "./traces.ts";

export interface KeptLayersParts {
  readonly directory: LayerDirectory;
  readonly traces: Traces;
  readonly derived: DerivedFiles;
}

export function openKeptLayers(
  { directory, traces, derived }: KeptLayersParts,
  { scratch, fresh }: StoreOptions,
): LayerStore {
  const running = new Map<string, Promise<Layer>>();
  let count = 0;

  const positionOf = (stack: Stack, step: string, inputs: Inputs) => ({
    below: stack.at(-1)?.key ?? inputs.start,
    step,
  });

  async function find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined> {
    if (fresh) return undefined;
    const trace = await traces.find(positionOf(stack, title, inputs), inputs);
    return trace === undefined ? undefined : await directory.take(trace.key);
  }

  async function make(stack: Stack, work: LayerWork): Promise<Layer> {
    const { title, context, inputs } = work;
    const image = context.image.name;
    await using place = await directory.create();
    const made = join(place.path, "layer");
    const started = performance.now();
    const { reads, changed } = await makeLayer(stack, made, work, async (whole) => {
      const watch = watched(whole, { inputs, derived });
      await work.run(watch.context);
      return await readsOf(watch, inputs);
    });
    const position = positionOf(stack, title, inputs);
    const plain = keyOf([position, reads]);
    // One that is made afresh does not replace the old, which others may be using; its trace is newer, and found first.
    // Nor does one whose former version is lost: the step may have made something else this time (random numbers, times),
    // and what lies on the former does not fit on it.
    const isOwn = fresh || work.always === true || changed.length > 0 || (await directory.isMissed(plain));
    const key = isOwn ? keyOf([plain, randomUUID()]) : plain;
    const seconds = (performance.now() - started) / 1000;
    const layer = await directory.keep(made, key, { step: title, image, below: stack.at(-1)?.key }, seconds);
    if (changed.length > 0) {
      context.report.output(`Changed while it was read: ${changed.join(", ")}\n`);
    } else {
      await traces.add(position, { key: layer.key, image, reads });
      await inputs.keep(reads);
    }
    return layer;
  }

  async function findOrMakeKeyed(stack: Stack, key: string, work: KeyedWork): Promise<Layer> {
    const known = fresh ? undefined : await directory.take(key);
    if (known !== undefined) return known;
    await using place = await directory.create();
    const made = join(place.path, "layer");
    const started = performance.now();
    await makeLayer(stack, made, work, work.run);
    const about = { step: work.title, image: work.context.image.name, below: stack.at(-1)?.key };
    return await directory.keep(made, key, about, (performance.now() - started) / 1000);
  }

  /** Another image has made it, maybe with other settings that do not matter; the next build looks with this one's. */
  async function shareLayer(stack: Stack, { title, context, inputs }: LayerWork, layer: Layer): Promise<Layer> {
    const position = positionOf(stack, title, inputs);
    const trace = (await traces.all(position)).find(({ key }) => key === layer.key);
    if (trace === undefined) return layer;
    const reads: Record<string, string> = {};
    for (const name of Object.keys(trace.reads)) reads[name] = (await inputs.fingerprint(name)) ?? "";
    if (keyOf(reads) !== keyOf(trace.reads))
      await traces.add(position, { key: layer.key, image: context.image.name, reads });
    return layer;
  }

  return {
    find,
    async keyed(stack, key, work) {
      const layer = running.get(key) ?? findOrMakeKeyed(stack, key, work);
      running.set(key, layer);
      return await layer;
    },
    async add(stack, work) {
      const findOrMake = async () =>
        (work.always === true ? undefined : await find(stack, work.title, work.inputs)) ?? (await make(stack, work));
      if (work.shared === undefined) return await findOrMake();
      const key = keyOf([positionOf(stack, work.title, work.inputs), work.shared]);
      const others = running.get(key);
      if (others !== undefined) return await shareLayer(stack, work, await others);
      const layer = findOrMake();
      running.set(key, layer);
      return await layer;
    },
    async mount(stack, target) {
      return await mountStack(stack, join(scratch, String(count++)), target);
    },
  };
}
