// The layers of Incremental=, kept from build to build, and the traces that tell which one a step needs.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ImageContext } from "../../tools/context.ts";
import { union } from "../../tools/looked-at.ts";
import type { DerivedFiles } from "./derived-files.ts";
import type { Inputs } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import type { LayerDirectory } from "./layer-directory.ts";
import {
  type KeyedWork,
  type Layer,
  type LayerStore,
  type LayerWork,
  makeLayer,
  mountStack,
  type Stack,
} from "./layers.ts";
import { isIndependent } from "./looked-at.ts";
import { readsOf, watched } from "./reads.ts";
import type { StoreOptions } from "./store.ts";
import type { Traces } from "./traces.ts";
import { treeDifferences } from "./tree-differences.ts";

export interface KeptLayersParts {
  readonly directory: LayerDirectory;
  readonly traces: Traces;
  readonly derived: DerivedFiles;
}

export function openKeptLayers(
  { directory, traces, derived }: KeptLayersParts,
  { scratch, fresh, project }: StoreOptions,
): LayerStore {
  const running = new Map<string, Promise<Layer>>();
  let count = 0;

  const positionOf = (stack: Stack, step: string, inputs: Inputs) => ({
    below: stack.at(-1)?.key ?? inputs.start,
    step,
  });

  async function find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined> {
    if (fresh) return undefined;
    const isThere = (key: string) => directory.at(key) !== undefined;
    const trace = await traces.find(positionOf(stack, title, inputs), inputs, isThere);
    return trace === undefined ? undefined : await directory.take(trace.key);
  }

  async function make(stack: Stack, work: LayerWork): Promise<Layer> {
    const { title, context, inputs } = work;
    const image = context.image.name;
    await using place = await directory.create();
    const made = join(place.path, "layer");
    const started = performance.now();
    const { looksAt, reads, changed } = await makeLayer(stack, made, work, async (whole) => {
      const watch = watched(whole, { inputs, derived });
      const before = await work.looksAt?.(watch.context);
      await work.run(watch.context);
      // Links and rules that lead it elsewhere may have come or gone by what it does.
      const places = union([before, await work.looksAt?.(watch.context)]);
      return { looksAt: places, ...(await readsOf(watch, inputs)) };
    });
    const position = positionOf(stack, title, inputs);
    const plain = keyOf([position, reads]);
    // One that is made afresh does not replace the old, which others may be using; its trace is newer, and found first.
    // Nor does one whose former version is lost: the step may have made something else this time (random numbers, times),
    // and what lies on the former does not fit on it.
    const isOwn = fresh || work.always === true || changed.length > 0 || (await directory.isMissed(plain));
    const key = isOwn ? keyOf([plain, randomUUID()]) : plain;
    const seconds = (performance.now() - started) / 1000;
    const layer = await directory.keep(made, key, { step: title, image, project, below: stack.at(-1)?.key }, seconds);
    if (changed.length > 0) {
      context.report.output(`Changed while it was read: ${changed.join(", ")}\n`);
    } else {
      await traces.add(position, { key: layer.key, image, reads, looksAt });
      await inputs.keep(reads);
    }
    return layer;
  }

  /** The layer of the last time, although it lay on another tree, if the step does not look at what is different there. */
  async function moveLast(stack: Stack, work: LayerWork): Promise<Layer | undefined> {
    const { title, context, inputs, last = [], looksAt } = work;
    const index = last.findIndex(({ key }) => directory.about(key)?.step === title);
    const layer = last[index];
    if (looksAt === undefined || fresh || work.always === true || layer === undefined) return undefined;
    const below = last.slice(0, index);
    const trace = await traces.find(positionOf(below, title, inputs), inputs);
    // What scripts have left for it is not in the tree.
    if (trace?.looksAt === undefined || trace.key !== layer.key || "built" in trace.reads) return undefined;
    const paths = await differences(context, below, stack);
    if (paths === undefined || !isIndependent(layer.path, trace.looksAt, paths)) return undefined;
    const position = positionOf(stack, title, inputs);
    const image = context.image.name;
    const moved = await directory.moveOnto(keyOf([position, trace.reads, layer.key]), layer, {
      ...{ step: title, image, project, below: stack.at(-1)?.key },
    });
    known.set(pairOf([...below, layer], [...stack, moved]), Promise.resolve(paths));
    await traces.add(position, { ...trace, key: moved.key, image });
    return moved;
  }

  /** A layer that was moved makes no difference beyond those that are there. */
  const known = new Map<string, Promise<readonly string[] | undefined>>();
  const pairOf = (before: Stack, after: Stack) => `${before.at(-1)?.key} ${after.at(-1)?.key}`;
  async function differences(context: ImageContext, before: Stack, after: Stack) {
    const pair = pairOf(before, after);
    const paths = known.get(pair) ?? treeDifferences(context, before, after);
    known.set(pair, paths);
    return await paths;
  }

  async function findOrMakeKeyed(stack: Stack, key: string, work: KeyedWork): Promise<Layer> {
    const known = fresh ? undefined : await directory.take(key);
    if (known !== undefined) return known;
    await using place = await directory.create();
    const made = join(place.path, "layer");
    const started = performance.now();
    await makeLayer(stack, made, work, work.run);
    const about = { step: work.title, image: work.context.image.name, project, below: stack.at(-1)?.key };
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
        (work.always === true ? undefined : await find(stack, work.title, work.inputs)) ??
        (await moveLast(stack, work)) ??
        (await make(stack, work));
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
