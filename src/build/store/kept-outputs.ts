// What was published last for an image, and from what: an image whose tree and packing are as they were, and whose files
// in the output directory nobody has touched since, need not be packed again.

import { createHash, type Hash } from "node:crypto";
import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FormerDirectory } from "../../outputs/directory.ts";
import { makeDirectory } from "../../report/directories.ts";
import { writeWhole } from "../../report/whole-file.ts";
import { bootId } from "../../sandbox/boot-id.ts";
import { tryLock } from "../../sandbox/lock.ts";
import type { Artifact } from "../../tools/artifact.ts";
import { changedPaths } from "../changed-paths.ts";
import type { Stack } from "../layers.ts";
import type { Inputs, Reads } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import type { LayerDirectory } from "./layer-directory.ts";
import type { StoreOptions } from "./store.ts";
import type { Position, Traces } from "./traces.ts";

/** The title of packing among the steps. */
export const PACKING = "Packing";

/** Where an image's outputs go: the directory, and the image's name. */
export interface OutputPlace {
  readonly directory: string;
  readonly image: string;
}

export interface PublishedOutput {
  /** The key of the tree together with all that packing it has read. */
  readonly key: string;
  /** With their paths in the output directory. */
  readonly artifacts: readonly Artifact[];
}

export interface KeptOutputs {
  /** What packing the tree now would make again, if all of it is still there as it was published. */
  find(place: OutputPlace, stack: Stack, inputs: Inputs): Promise<PublishedOutput | undefined>;
  /** The directory that was published last, if it is as it was then, and what of it can be different now. */
  former(place: OutputPlace, stack: Stack): Promise<FormerDirectory | undefined>;
  /** The key of an output that was just packed. */
  keyFor(stack: Stack, reads: Reads): string;
  /** Notes what was just published. */
  add(place: OutputPlace, stack: Stack, reads: Reads, artifacts: readonly Artifact[]): Promise<void>;
}

/** What is written down of a published output. */
export interface OutputRecord extends PublishedOutput {
  readonly place: OutputPlace;
  /** The layers that it was made from, by their keys. */
  readonly layers: readonly string[];
  /** Of each artefact: changes when anybody touches it. */
  readonly identities: readonly string[];
  /** The boot of the machine that they were made in: after a power cut they may be there without their contents. */
  readonly boot: string;
}

/** Records in a directory of a store. @param layers what they were made from */
export function openKeptOutputs(
  records: string,
  { traces, layers }: { readonly traces: Traces; readonly layers: Pick<LayerDirectory, "at"> },
  { fresh }: Pick<StoreOptions, "fresh">,
): KeptOutputs {
  const keyFor = (stack: Stack, reads: Reads) => keyOf([positionOf(stack), reads]);
  const pathOf = ({ directory, image }: OutputPlace) => join(records, `${keyOf([directory, image])}.json`);
  return {
    keyFor,
    async find(place, stack, inputs) {
      if (fresh) return undefined;
      const key = (await traces.find(positionOf(stack), inputs))?.key;
      const record = key === undefined ? undefined : await readRecord(pathOf(place));
      return record !== undefined && record.key === key && record.boot === bootId() && isUntouched(record)
        ? record
        : undefined;
    },
    async former(place, stack) {
      const record = fresh ? undefined : await readRecord(pathOf(place));
      const image = record?.artifacts.find(({ kind }) => kind === "image");
      if (record === undefined || image === undefined || record.boot !== bootId() || !isUntouched(record))
        return undefined;
      const before = record.layers.flatMap((key) => layers.at(key) ?? []);
      if (before.length < record.layers.length || !lstatSync(image.path).isDirectory()) return undefined;
      // A container that runs from it would write to files that the new output shares.
      await using unused = await tryLock(image.path);
      return unused && { path: image.path, changed: changedPaths(before, stack) };
    },
    async add(place, stack, reads, artifacts) {
      const key = keyFor(stack, reads);
      const identities = artifacts.map(({ path }) => identityOf(path));
      const path = pathOf(place);
      makeDirectory(dirname(path));
      const keys = stack.map((layer) => layer.key);
      const record: OutputRecord = { key, artifacts, identities, place, layers: keys, boot: bootId() };
      await writeWhole(path, JSON.stringify(record));
      await traces.add(positionOf(stack), { key, image: place.image, reads });
    },
  };
}

function positionOf(stack: Stack): Position {
  return { below: stack.at(-1)?.key ?? "", step: PACKING };
}

/** All records in a directory, by their paths. */
export async function allOutputs(records: string): Promise<ReadonlyMap<string, OutputRecord>> {
  const names = (await readdir(records).catch(() => [])).filter((name) => name.endsWith(".json"));
  const read = await Promise.all(
    names.map(async (name) => [join(records, name), await readRecord(join(records, name))] as const),
  );
  return new Map(read.flatMap(([path, record]) => (record === undefined ? [] : [[path, record] as const])));
}

/** None, or one that cannot be read, will be written again. */
async function readRecord(path: string): Promise<OutputRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as OutputRecord;
  } catch {
    return undefined;
  }
}

function isUntouched({ artifacts, identities }: OutputRecord): boolean {
  try {
    return artifacts.every(({ path }, index) => identityOf(path) === identities[index]);
  } catch {
    return false; // one is gone
  }
}

/** A digest of inodes, sizes and times of a file and of all below it: whatever anybody does to it changes the last. */
function identityOf(path: string): string {
  const hash = createHash("sha256");
  identify(hash, path);
  return hash.digest("hex");
}

function identify(hash: Hash, path: string): void {
  const status: BigIntStats = lstatSync(path, { bigint: true });
  hash.update([basename(path), status.ino, status.size, status.mtimeNs, status.ctimeNs].join("\0"));
  if (!status.isDirectory()) return;
  for (const name of readdirSync(path).toSorted()) identify(hash, join(path, name));
}
