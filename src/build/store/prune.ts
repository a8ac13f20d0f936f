// Makes room in a store: what is in it, and what may go. Layers go as a whole, and only while nobody builds.

import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { artifactSize } from "../../outputs/size.ts";
import { UNFINISHED } from "../../report/whole-file.ts";
import { tryLock } from "../../sandbox/lock.ts";
import { allOutputs, type OutputPlace, type OutputRecord } from "./kept-outputs.ts";
import { ABOUT, type AboutLayer, SIZE } from "./layer-directory.ts";
import { storePlaces } from "./places.ts";
import { keyOfTrace } from "./traces.ts";

export interface StoredLayer extends AboutLayer {
  readonly key: string;
  readonly path: string;
  /** Bytes on the disk. */
  readonly size: number;
  /** When a build used it last, in milliseconds since 1970. */
  readonly used: number;
  /** The images whose latest output was made from it. */
  readonly outputs: readonly OutputPlace[];
}

/** All layers of a store, the one that was used last first. */
export async function storedLayers(directory: string): Promise<readonly StoredLayer[]> {
  const places = storePlaces(directory);
  const records = [...(await allOutputs(places.outputs)).values()];
  const names = await visibleIn(places.layers);
  const looked = await Promise.all(names.map((key) => lookAtLayer(join(places.layers, key), key)));
  const layers = looked.filter((layer) => layer !== undefined);
  const byKey = new Map(layers.map((layer) => [layer.key, layer]));
  const used = new Map<string, number>();
  for (const { key, used: time } of layers)
    for (const name of withLower([key], byKey)) used.set(name, Math.max(used.get(name) ?? 0, time));
  const users = new Map(records.map((record) => [record, neededFor(record, byKey)]));
  const isOf = ({ place, layers: own }: OutputRecord, { image, project }: Looked) =>
    place.image === image && own.some((key) => byKey.get(key)?.project === project);
  const usersOf = (layer: Looked) =>
    records.filter((record) => (layer.derived === true ? isOf(record, layer) : users.get(record)?.has(layer.key)));
  const depth = ({ below }: Looked): number => {
    const lower = byKey.get(below ?? "");
    return lower === undefined ? 0 : depth(lower) + 1;
  };
  return layers
    .map((layer) => ({
      ...layer,
      used: used.get(layer.key) ?? layer.used,
      outputs: usersOf(layer).map(({ place }) => place),
    }))
    .toSorted((left, right) => right.used - left.used || depth(left) - depth(right));
}

type Looked = Omit<StoredLayer, "outputs">;
type Layers = ReadonlyMap<string, Looked>;

/** Who uses layers uses those below them, and those that have their content: without them they would be of no use. */
function withLower(keys: readonly string[], layers: Layers): ReadonlySet<string> {
  const found = new Set<string>();
  for (const key of keys)
    for (let each = layers.get(key); each !== undefined; each = layers.get(each.below ?? ""))
      for (const name of [each.key, each.content ?? each.key]) found.add(name);
  return found;
}

/** The layers that the next build of an output would take. What is below a layer of which only the content is taken, is not. */
function neededFor({ layers: own, others }: OutputRecord, layers: Layers): ReadonlySet<string> {
  const contents = new Set(own.map((key) => layers.get(key)?.content));
  return withLower([...own, ...others.filter((key) => !contents.has(key))], layers);
}

async function lookAtLayer(path: string, key: string): Promise<Looked | undefined> {
  try {
    const about = JSON.parse(await readFile(join(path, ABOUT), "utf8")) as AboutLayer;
    const { mtimeMs: used } = await stat(join(path, ABOUT));
    const size = Number(await readFile(join(path, SIZE), "utf8").catch(() => artifactSize(path)));
    return { ...about, key, path, size, used };
  } catch {
    return undefined; // another process has just removed it
  }
}

/** How long (milliseconds) it is remembered of layers that are gone what they were made from, so that `mkosi why` can tell. */
const REMEMBERED = 30 * 24 * 3_600_000;

/**
 * Removes layers while nobody builds.
 * @param choose says which of them go
 * @param olderThan the time (milliseconds since 1970) until which traces of what is gone are removed
 * @returns those that were removed; undefined when somebody builds
 */
export async function removeLayers(
  directory: string,
  choose: (layers: readonly StoredLayer[]) => readonly StoredLayer[],
  olderThan = Date.now() - REMEMBERED,
): Promise<readonly StoredLayer[] | undefined> {
  await using lock = await tryLock(storePlaces(directory).lock);
  if (lock === undefined) return undefined;
  const chosen = choose(await storedLayers(directory));
  for (const { path } of chosen) await rm(path, { recursive: true, force: true });
  if (chosen.length > 0 || olderThan === Infinity) await removeTraces(directory, olderThan);
  return chosen;
}

/**
 * Removes what is known about the outputs of a project, the layers that these were made from, and all others that the
 * project has made; not those that others need.
 * @returns as removeLayers
 */
export async function forgetProject(
  directory: string,
  project: string,
  isForgotten: (place: OutputPlace) => boolean,
): Promise<readonly StoredLayer[] | undefined> {
  const isOwn = (layer: StoredLayer) =>
    layer.outputs.length > 0 ? layer.outputs.every(isForgotten) : layer.project === project;
  const removed = await removeLayers(directory, (layers) => withoutNeeded(layers, isOwn), Infinity);
  if (removed === undefined) return undefined;
  for (const [path, { place }] of await allOutputs(storePlaces(directory).outputs))
    if (isForgotten(place)) await rm(path, { force: true });
  return removed;
}

/** The layers that are chosen and that no other lies on. */
function withoutNeeded(
  layers: readonly StoredLayer[],
  isChosen: (layer: StoredLayer) => boolean,
): readonly StoredLayer[] {
  const byKey = new Map(layers.map((layer) => [layer.key, layer]));
  const needed = new Set<string>();
  for (const layer of layers.filter((each) => !isChosen(each)))
    for (let below = layer.below; below !== undefined && !needed.has(below); below = byKey.get(below)?.below)
      needed.add(below);
  return layers.filter((layer) => isChosen(layer) && !needed.has(layer.key));
}

/**
 * The layers that were not used for the longest time, as far as all together have more than `limit` bytes. Those that
 * were used after `since` (milliseconds since 1970) stay: a build that removed its own layers would never have any.
 */
export function beyond(limit: number, since: number): (layers: readonly StoredLayer[]) => readonly StoredLayer[] {
  return (layers) => {
    let sum = 0;
    return layers.filter(({ size, used }) => {
      sum += size;
      return sum > limit && used < since;
    });
  };
}

/** Removes the files that killed builds have not written to the end, unless somebody builds. */
export async function removeUnfinishedFiles(directory: string): Promise<void> {
  const { lock: path, traces, outputs, listings } = storePlaces(directory);
  await using lock = await tryLock(path);
  if (lock === undefined) return;
  for (const place of [directory, traces, outputs, listings]) {
    const names = await readdir(place).catch(() => []);
    for (const name of names.filter((each) => each.startsWith(UNFINISHED)))
      await rm(join(place, name), { force: true });
  }
}

async function visibleIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory).catch(() => [])).filter((name) => !name.startsWith("."));
}

/** Removes the older traces that lead to nothing any more, and the listings that no trace names which leads to something. */
async function removeTraces(directory: string, olderThan: number): Promise<void> {
  const places = storePlaces(directory);
  const layers = new Set(await readdir(places.layers).catch(() => []));
  const outputs = new Set([...(await allOutputs(places.outputs)).values()].map(({ key }) => key));
  let kept = "";
  for (const position of await visibleIn(places.traces)) {
    for (const name of await readdir(join(places.traces, position))) {
      const path = join(places.traces, position, name);
      const key = keyOfTrace(name);
      if (layers.has(key) || outputs.has(key)) kept += await readFile(path, "utf8");
      else if ((await stat(path)).mtimeMs <= olderThan) await rm(path, { force: true });
    }
  }
  for (const name of await readdir(places.listings).catch(() => []))
    if (!kept.includes(name.replace(/\.gz$/, ""))) await rm(join(places.listings, name), { force: true });
}
