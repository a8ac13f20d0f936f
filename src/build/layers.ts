// Layers: the result of a step is the upper directory of an overlay on the results before it. A layer whose key is
// known is made once and then shared by everybody who asks for that key, in this build.

import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { mountOverlay, unmount } from "../sandbox/mount.ts";

export interface Layer {
  /** Hash of everything that went into it, its parents included. */
  readonly key: string;
  /** The directory with what it adds and removes, as overlayfs stores it. */
  readonly path: string;
}

/** The layers of a tree, lowest first. */
export type Stack = readonly Layer[];

export interface LayerStore {
  /**
   * Puts a layer on a stack: `make` changes the tree mounted at the given root.
   * @param inputs what `make` reads; equal inputs on equal stacks give the layer that is already there
   * @param target where the tree is mounted while `make` works
   */
  add(stack: Stack, inputs: unknown, target: string, make: (root: string) => Promise<void>): Promise<Stack>;
  /** Mounts a stack to be read and changed by what packs it; changes are not kept. */
  mount(stack: Stack, target: string): Promise<AsyncDisposable>;
}

/** A store in a directory of the workspace. */
export function createLayerStore(directory: string): LayerStore {
  const made = new Map<string, Promise<Layer>>();
  let count = 0;

  async function make(
    stack: Stack,
    key: string,
    target: string,
    work: (root: string) => Promise<void>,
  ): Promise<Layer> {
    const place = join(directory, String(count++));
    await using _mounted = await mountStack(stack, place, target);
    await work(target);
    return { key, path: join(place, "upper") };
  }

  return {
    async add(stack, inputs, target, work) {
      const key = layerKey(stack, inputs);
      const layer = made.get(key) ?? make(stack, key, target, work);
      made.set(key, layer);
      return [...stack, await layer];
    },
    mount: (stack, target) => mountStack(stack, join(directory, String(count++)), target),
  };
}

async function mountStack(stack: Stack, place: string, target: string): Promise<AsyncDisposable> {
  const upper = join(place, "upper");
  const work = join(place, "work");
  // overlayfs wants a lower directory even where there is nothing yet.
  const empty = join(place, "empty");
  if (stack.length === 0) await mkdir(empty, { recursive: true });
  const lowers = stack.length === 0 ? [empty] : stack.map((layer) => layer.path);
  await mountOverlay({ lowers, upper, work, target });
  return {
    async [Symbol.asyncDispose]() {
      await unmount(target);
      await rm(work, { recursive: true, force: true });
    },
  };
}

/** The key of a layer: a hash over its parent's key and its inputs, in which the order of object keys does not count. */
export function layerKey(stack: Stack, inputs: unknown): string {
  const text = JSON.stringify([stack.at(-1)?.key ?? "", inputs], (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(text).digest("hex");
}
