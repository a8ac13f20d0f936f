// The store of Incremental=: layers, what led to them, and what was published from them.

import { join } from "node:path";
import type { LayerStore } from "../layers.ts";
import { openKeptLayers } from "./kept-layers.ts";
import { type KeptOutputs, openKeptOutputs } from "./kept-outputs.ts";
import { openTraces } from "./traces.ts";

export interface Store extends AsyncDisposable {
  readonly layers: LayerStore;
  readonly outputs: KeptOutputs;
}

export interface StoreOptions {
  /** A directory of the workspace, for mounts whose changes are not kept. */
  readonly scratch: string;
  /** Whether everything is made again, whatever is there. */
  readonly fresh: boolean;
}

/**
 * Opens the store in a directory, which is made when missing. Disposing of it waits until all is on the disk.
 */
export async function openStore(directory: string, options: StoreOptions): Promise<Store> {
  const traces = openTraces(join(directory, "traces"));
  const layers = await openKeptLayers(join(directory, "layers"), traces, options);
  return {
    layers,
    outputs: openKeptOutputs(join(directory, "outputs"), traces),
    [Symbol.asyncDispose]: () => layers[Symbol.asyncDispose](),
  };
}
