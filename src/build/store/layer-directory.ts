// Layers on the disk: for each a directory with its tree (`upper`), the notes of its step, and what is known about it. A
// layer is made under another name and moved to its own as a whole. It counts as long as the machine runs, and after
// that only if it had reached the disk, whatever ends the program or the machine.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { artifactSize } from "../../outputs/size.ts";
import { makeWritableDirectory } from "../../report/directories.ts";
import { bootId } from "../../sandbox/boot-id.ts";
import { type LockedDirectory, lockedDirectory, removeAbandoned } from "../../sandbox/locked-directory.ts";
import { syncFileSystem } from "../../sandbox/sync.ts";
import { keyOf } from "./key.ts";
import type { Layer } from "./layers.ts";

const UNFINISHED = ".new-";

/** Beside a layer's directories: who made it, and by its time when it was last used. */
export const ABOUT = "layer.json";

/** Beside them: their size in bytes. */
export const SIZE = "size";

/** Beside them, once all of the layer is on the disk. */
const SYNCED = "synced";

/** Work (seconds) that may be lost with the power before it is worth to have the disk take it at once. */
const WORTH_SYNCING = 10;

export interface AboutLayer {
  readonly step: string;
  /** The image that it was made for first. */
  readonly image: string;
  /** The directory of the project that has made it. */
  readonly project: string;
  /** The boot of the machine that it was made in. */
  readonly boot: string;
  /** The layer that it lies on. */
  readonly below?: string | undefined;
  /** Whether it is a file that was made from others, and no layer of any tree. */
  readonly derived?: boolean;
  /** The layer that has its content, where it is the same on top of another tree. */
  readonly content?: string | undefined;
}

export interface LayerDirectory extends AsyncDisposable {
  /** The layer of a key; undefined when there is none, or when it may have lost parts with the power. */
  at(key: string): Layer | undefined;
  /** What the layer of a key was made by. */
  about(key: string): AboutLayer | undefined;
  /** The same layer on top of another tree. @returns the layer of the new key, which has the content of the old one */
  moveOnto(key: string, old: Layer, about: Omit<AboutLayer, "boot" | "content">): Promise<Layer>;
  /** The same as at(), noted as used now. */
  take(key: string): Promise<Layer | undefined>;
  /** Whether layers were made since it was opened. */
  hasGrown(): boolean;
  /** An empty directory to make a layer in. */
  create(): Promise<LockedDirectory>;
  /** Whether a layer of this key was there once, and others that lie on it, or outputs made from it, still are. */
  isMissed(key: string): Promise<boolean>;
  /**
   * Moves what was made to its place, unless another build has made the same one meanwhile.
   * @param seconds that making it took
   * @returns the layer to use
   */
  keep(made: string, key: string, about: Omit<AboutLayer, "boot">, seconds: number): Promise<Layer>;
}

/**
 * Opens the layers in a directory, which is made when missing. Disposing of it waits for what goes on beside the build.
 * @param usedElsewhere gives the keys of layers that something else than layers was made from
 */
export async function openLayerDirectory(
  directory: string,
  usedElsewhere: () => Promise<readonly string[]>,
): Promise<LayerDirectory> {
  makeWritableDirectory(directory, "CacheDirectory=");
  await removeAbandoned(directory, UNFINISHED);
  const boot = bootId();
  const pending: Promise<void>[] = [];
  let making: Promise<LockedDirectory> | undefined;
  let hasGrown = false;
  let missed: Promise<ReadonlySet<string>> | undefined;
  let unsynced: { readonly place: string; readonly seconds: number }[] = [];

  function at(key: string): Layer | undefined {
    const place = join(directory, key);
    const about = readAbout(place);
    if (about === undefined || (about.boot !== boot && !existsSync(join(place, SYNCED)))) return undefined;
    if (about.content === undefined) return layerAt(key);
    const content = at(about.content);
    return content && { ...content, key };
  }

  const layerAt = (key: string) => ({
    key,
    path: join(directory, key, "upper"),
    notes: join(directory, key, "notes"),
  });

  async function move(made: string, key: string): Promise<Layer> {
    try {
      await rename(made, join(directory, key));
      return layerAt(key);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
      // If it is none, a power cut has left it.
      return at(key) ?? (await move(made, keyOf([key, randomUUID()])));
    }
  }

  async function findMissed(): Promise<ReadonlySet<string>> {
    const names = (await readdir(directory)).filter((name) => !name.startsWith("."));
    const below = names.map((name) => readAbout(join(directory, name))?.below);
    const mentioned = [...below.filter((key) => key !== undefined), ...(await usedElsewhere())];
    return new Set(mentioned.filter((key) => at(key) === undefined));
  }

  async function sync(): Promise<void> {
    const places = unsynced.map(({ place }) => place);
    unsynced = [];
    await syncFileSystem(directory);
    for (const place of places) await writeFile(join(place, SYNCED), "");
  }

  async function write(made: string, about: Omit<AboutLayer, "boot">, size: number): Promise<void> {
    await writeFile(join(made, SIZE), String(size));
    await writeFile(join(made, ABOUT), JSON.stringify({ ...about, boot } satisfies AboutLayer));
  }

  async function create(): Promise<LockedDirectory> {
    // One for all layers that this build makes: taking a lock means to start a program.
    making ??= lockedDirectory(directory, UNFINISHED);
    const path = await mkdtemp(join((await making).path, "layer-"));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
  }

  return {
    at,
    about: (key) => readAbout(join(directory, key)),
    hasGrown: () => hasGrown,
    async isMissed(key) {
      // Nothing is removed while we are here.
      missed ??= findMissed();
      return (await missed).has(key);
    },
    async take(key) {
      const layer = at(key);
      const now = new Date();
      if (layer !== undefined) await utimes(join(directory, key, ABOUT), now, now);
      return layer;
    },
    create,
    async moveOnto(key, old, about) {
      // Of a layer that has the content of another one, too.
      const content = readAbout(join(directory, old.key))?.content ?? old.key;
      await using place = await create();
      const made = join(place.path, "layer");
      await mkdir(made);
      await write(made, { ...about, content }, 0);
      const layer = await move(made, key);
      unsynced.push({ place: join(directory, layer.key), seconds: 0 });
      return at(layer.key) ?? layer;
    },
    async keep(made, key, about, seconds) {
      await write(made, about, artifactSize(join(made, "upper")));
      const layer = await move(made, key);
      hasGrown = true;
      unsynced.push({ place: join(directory, layer.key), seconds });
      if (unsynced.reduce((sum, each) => sum + each.seconds, 0) > WORTH_SYNCING) pending.push(sync());
      return layer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pending);
      await (await making)?.[Symbol.asyncDispose]();
    },
  };
}

/** None where there is no layer, or half of one. */
function readAbout(place: string): AboutLayer | undefined {
  try {
    const about = JSON.parse(readFileSync(join(place, ABOUT), "utf8")) as Partial<AboutLayer> | null;
    return typeof about?.boot === "string" ? (about as AboutLayer) : undefined;
  } catch {
    return undefined;
  }
}
