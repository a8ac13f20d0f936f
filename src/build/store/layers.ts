// Layers: the result of a step is the upper directory of an overlay on the results before it. Layers are made in the
// workspace, or in a store that keeps them (kept-layers.ts); using one is a mount and copies nothing.

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "../../report/directories.ts";
import { mountOverlay, unmount } from "../../sandbox/mount.ts";
import type { StepContext } from "../image-build.ts";
import type { Inputs } from "./fingerprints.ts";
import { keyOf } from "./key.ts";

export interface Layer {
  /** Hash of everything that went into it, its parents included. */
  readonly key: string;
  /** The directory with what it adds and removes, as overlayfs stores it; empty: nothing of it is mounted. */
  readonly path: string;
  /** A directory for what the step has found out and later steps want to know. */
  readonly notes: string;
}

/** The layers of a tree, lowest first. */
export type Stack = readonly Layer[];

/** A step of one image, as the store sees it. */
export interface LayerWork {
  readonly title: string;
  /** What the step's result depends on, for steps whose result other images of the same build can take. */
  readonly shared: unknown;
  /** What the step is given; its tree is mounted at `root` while it runs. */
  readonly context: Omit<StepContext, "notes">;
  readonly run: (context: StepContext) => Promise<void>;
  /** Step.looksAt, of a context that is watched like that of `run`. */
  readonly looksAt?: ((context: StepContext) => Promise<readonly string[] | undefined>) | undefined;
  /** The layers that the image was last made of. */
  readonly last?: Stack | undefined;
  /** Whether what it does to the tree is thrown away, and only its notes are kept. */
  readonly notesOnly?: boolean;
  /** Whether it runs even if it has run on the same inputs before. */
  readonly always?: boolean;
  /** What the image's steps may read. */
  readonly inputs: Inputs;
}

export type KeyedWork = Pick<LayerWork, "title" | "context" | "run">;

export interface LayerStore {
  /** The layer of a step on a stack: one that is there, or the step is run. */
  add(stack: Stack, work: LayerWork): Promise<Layer>;
  /** The layer of a step that would not have to run; undefined when it would, or when that cannot be told yet. */
  find(stack: Stack, title: string, inputs: Inputs): Promise<Layer | undefined>;
  /** A layer whose key says all that it is made from: one that is there, or `run` makes it. */
  keyed(stack: Stack, key: string, work: KeyedWork): Promise<Layer>;
  /** Mounts a stack to be read and changed by what packs it; changes are not kept. */
  mount(stack: Stack, target: string): Promise<AsyncDisposable>;
}

/** Makes a layer in a directory that is its own, with `upper` and `notes` below it. @returns what `run` does */
export async function makeLayer<Result>(
  stack: Stack,
  place: string,
  { context, notesOnly }: Pick<LayerWork, "context" | "notesOnly">,
  run: (context: StepContext) => Promise<Result>,
): Promise<Result> {
  const notes = join(place, "notes");
  const path = join(place, "upper");
  makeDirectory(notes);
  const work = async () => {
    await using _mounted = await mountStack(stack, place, context.root);
    return await run({ ...context, notes });
  };
  const result = await work();
  if (notesOnly === true) {
    await rm(path, { recursive: true });
    await mkdir(path);
  }
  return result;
}

/** A store in a directory of the workspace, for this run of the program. */
export function createLayerStore(directory: string): LayerStore {
  const shared = new Map<string, Promise<Layer>>();
  let count = 0;

  async function make(stack: Stack, key: string, work: KeyedWork & Pick<LayerWork, "notesOnly">): Promise<Layer> {
    const place = join(directory, String(count++));
    await makeLayer(stack, place, work, work.run);
    return { key, path: join(place, "upper"), notes: join(place, "notes") };
  }

  async function keyed(stack: Stack, key: string, work: KeyedWork): Promise<Layer> {
    const layer = shared.get(key) ?? make(stack, key, work);
    shared.set(key, layer);
    return await layer;
  }

  return {
    keyed,
    async add(stack, work) {
      const { context, title } = work;
      if (work.shared === undefined)
        return await make(stack, keyOf([stack.at(-1)?.key, title, context.image.name]), work);
      return await keyed(stack, keyOf([stack.at(-1)?.key, title, work.shared]), work);
    },
    find: async () => undefined,
    mount: (stack, target) => mountStack(stack, join(directory, String(count++)), target),
  };
}

export async function mountStack(stack: Stack, place: string, target: string): Promise<AsyncDisposable> {
  const upper = join(place, "upper");
  const work = join(place, "work");
  // overlayfs wants a lower directory even where there is nothing yet.
  const empty = join(place, "empty");
  const paths = stack.map(({ path }) => path).filter((path) => path !== "");
  if (paths.length === 0) makeDirectory(empty);
  const lowers = paths.length === 0 ? [empty] : paths;
  await mountOverlay({ lowers, upper, work, target });
  return {
    async [Symbol.asyncDispose]() {
      await unmount(target);
      await rm(work, { recursive: true, force: true });
    },
  };
}
