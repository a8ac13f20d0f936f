// The store of Incremental=: layers, what led to them, and what was published from them. Who builds has a shared lock on
// it, so that nobody removes a layer that is in use.

import { makeWritableDirectory } from "../../report/directories.ts";
import { takeSharedLock } from "../../sandbox/lock.ts";
import { type ContentDigests, openContentDigests } from "./content-digests.ts";
import { type DerivedFiles, openDerivedFiles } from "./derived-files.ts";
import { openKeptLayers } from "./kept-layers.ts";
import { allOutputs, type KeptOutputs, openKeptOutputs } from "./kept-outputs.ts";
import { openLayerDirectory } from "./layer-directory.ts";
import type { Layer, LayerStore } from "./layers.ts";
import { type Listings, openListings } from "./listings.ts";
import { sizeLimit, storePlaces } from "./places.ts";
import { beyond, removeLayers, removeUnfinishedFiles } from "./prune.ts";
import { openTraces, type Traces } from "./traces.ts";

export interface Store extends AsyncDisposable {
  readonly directory: string;
  readonly layers: LayerStore;
  readonly derived: DerivedFiles;
  readonly traces: Traces;
  readonly outputs: KeptOutputs;
  /** Of files' contents. */
  readonly digests: ContentDigests;
  /** Of trees that were read. */
  readonly listings: Listings;
  /** A layer by its key, if it is there. */
  layerAt(key: string): Layer | undefined;
  /** The title of the step that has made it. */
  stepOf(key: string): string | undefined;
}

export interface StoreOptions {
  /** The project's directory. */
  readonly project: string;
  /** A directory of the workspace, for mounts whose changes are not kept. */
  readonly scratch: string;
  /** Whether everything is made again, whatever is there. */
  readonly fresh: boolean;
  /** How many bytes the layers may have (CacheSize=); null: a share of the file system. */
  readonly size: number | null;
}

/** Opens the store in a directory, which is made when missing. Disposing of it waits until all is on the disk. */
export async function openStore(store: string, options: StoreOptions): Promise<Store> {
  makeWritableDirectory(store, "CacheDirectory=");
  const places = storePlaces(store);
  await removeUnfinishedFiles(store);
  const lock = await takeSharedLock(places.lock);
  const opened = Date.now();
  const traces = openTraces(places.traces);
  const directory = await openLayerDirectory(places.layers, async () =>
    [...(await allOutputs(places.outputs)).values()].flatMap((record) => record.layers),
  );
  const derived = openDerivedFiles(directory, traces, options);
  const digests = openContentDigests(places.digests);
  const listings = openListings(places.listings);
  return {
    directory: store,
    layers: openKeptLayers({ directory, traces, derived }, options),
    derived,
    traces,
    outputs: openKeptOutputs(places.outputs, { traces, layers: directory }, options),
    digests,
    listings,
    layerAt: directory.at,
    stepOf: (key) => directory.about(key)?.step,
    async [Symbol.asyncDispose]() {
      await digests.save();
      await directory[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
      if (directory.hasGrown()) await removeLayers(store, beyond(sizeLimit(store, options.size), opened));
    },
  };
}
