// Where the finished steps of a build are kept for `mkosi debug`. With Incremental= the layers are in the store anyway, and
// only a record of them is written. Without, those of a build that has failed are copied out of the workspace, one
// set for a project, until its next build or `clean`, or a day later.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Project } from "../config/project.ts";
import { artifactSize } from "../outputs/size.ts";
import { makeWritableDirectory } from "../report/directories.ts";
import { writeWhole } from "../report/whole-file.ts";
import { takeSharedLock, tryLock } from "../sandbox/lock.ts";
import { copyTree, removeTree } from "../sandbox/remove-tree.ts";
import type { BuildProgress, ImageProgress } from "./debug-progress.ts";
import { keyOf } from "./store/key.ts";
import type { Layer } from "./store/layers.ts";
import { sizeLimit, storePlaces } from "./store/places.ts";
import type { Workshop } from "./workshop.ts";

/** How long (milliseconds) layers of a failed build are there. */
const KEPT = 24 * 3_600_000;

const RECORD = "build.json";

type Place = Pick<Workshop, "cache" | "store">;

/** Where the layers of failed builds without Incremental= are. */
export function failedDirectory(cache: string): string {
  return join(cache, "failed");
}

function ownDirectory(cache: string, project: string): string {
  return join(failedDirectory(cache), keyOf(project));
}

function recordFile({ cache, store }: Place, project: string): string {
  return store === undefined
    ? join(ownDirectory(cache, project), RECORD)
    : join(storePlaces(store.directory).builds, `${keyOf(project)}.json`);
}

/** What the latest build has got to, as far as its layers are still there; undefined when nothing is known. */
export async function readProgress(place: Place, project: Project): Promise<BuildProgress | undefined> {
  const file = recordFile(place, project.directory);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const progress = JSON.parse(text) as BuildProgress;
  return { ...progress, images: progress.images.map((image) => thereOf(image, place)) };
}

/** The steps up to the first whose layer is gone. */
function thereOf(image: ImageProgress, { store }: Place): ImageProgress {
  const isThere = ({ key, path }: Layer) => path === "" || store?.layerAt(key) !== undefined || existsSync(path);
  const gone = image.steps.findIndex(({ layer }) => !isThere(layer));
  return gone < 0 ? image : { ...image, steps: image.steps.slice(0, gone) };
}

/** Keeps what a build has got to. @returns whether `mkosi debug` can go back to it */
export async function keepProgress(workshop: Workshop, project: Project, hasFailed: boolean): Promise<boolean> {
  const progress = workshop.progress.read();
  const known = {
    ...progress,
    images: progress.images.filter(({ image }) => project.images.some(({ name }) => name === image)),
  };
  try {
    return workshop.store === undefined
      ? hasFailed && (await keepCopies(workshop, project, known))
      : await keepRecord(recordFile(workshop, project.directory), known);
  } catch (error) {
    // The build has come to its end without this, whichever it was.
    workshop.say(`The finished steps cannot be kept for mkosi debug: ${(error as Error).message}`);
    return false;
  }
}

async function keepRecord(file: string, progress: BuildProgress): Promise<true> {
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, JSON.stringify(progress));
  return true;
}

async function keepCopies(workshop: Workshop, project: Project, progress: BuildProgress): Promise<boolean> {
  const directory = ownDirectory(workshop.cache, project.directory);
  await using lock = await lockOf(workshop.cache, project.directory);
  if (lock === undefined) return false;
  try {
    const moved = await copyLayers(progress, directory);
    return moved !== undefined && (await keepRecord(recordFile(workshop, project.directory), moved));
  } catch (error) {
    await removeTree(directory);
    throw error;
  }
}

/** Copies the layers out of the workspace. @returns undefined when they are too large to be kept */
async function copyLayers(progress: BuildProgress, directory: string): Promise<BuildProgress | undefined> {
  const own = progress.images.flatMap(({ steps }) => steps.map(({ layer }) => layer));
  const layers = [...new Map(own.map((layer) => [layer.path, layer])).values()];
  await removeTree(directory);
  makeWritableDirectory(directory, "a place for failed builds");
  const size = layers.reduce((sum, { path, notes }) => sum + artifactSize(path) + artifactSize(notes), 0);
  const { bavail, bsize } = await statfs(directory);
  if (size > Math.min(sizeLimit(directory, null), (bavail * bsize) / 2)) {
    await removeTree(directory);
    return undefined;
  }
  const copies = new Map<string, Layer>();
  for (const [index, { key, path, notes }] of layers.entries()) {
    const place = join(directory, String(index));
    await mkdir(place, { recursive: true });
    const copy = { key, path: join(place, "upper"), notes: join(place, "notes") };
    await copyTree(path, copy.path);
    await copyTree(notes, copy.notes);
    copies.set(path, copy);
  }
  const images = progress.images.map((image) => ({
    ...image,
    steps: image.steps.map((step) => ({ ...step, layer: copies.get(step.layer.path) ?? step.layer })),
  }));
  return { ...progress, images };
}

/** Alone with the layers of a project's failed build; undefined while somebody looks at them. */
async function lockOf(cache: string, project: string): Promise<AsyncDisposable | undefined> {
  await mkdir(failedDirectory(cache), { recursive: true, mode: 0o700 });
  return await tryLock(`${ownDirectory(cache, project)}.lock`);
}

/** Held while somebody looks at the layers of a failed build. */
export async function useProgress({ cache }: Place, { directory }: Project): Promise<AsyncDisposable> {
  await mkdir(failedDirectory(cache), { recursive: true, mode: 0o700 });
  return await takeSharedLock(`${ownDirectory(cache, directory)}.lock`);
}

/** Removes what failed builds of a project have left, and what is older than a day of others. @returns what was removed */
export async function removeFailed(cache: string, project: string): Promise<readonly string[]> {
  const parent = failedDirectory(cache);
  const removed: string[] = [];
  for (const name of (await readdir(parent).catch(() => [])).filter((each) => !each.endsWith(".lock"))) {
    const path = join(parent, name);
    const { mtimeMs } = await stat(path);
    if (path !== ownDirectory(cache, project) && Date.now() - mtimeMs < KEPT) continue;
    await using lock = await tryLock(`${path}.lock`);
    if (lock === undefined) continue;
    await removeTree(path);
    await rm(`${path}.lock`, { force: true });
    removed.push(path);
  }
  return removed;
}
