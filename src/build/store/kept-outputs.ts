// What was published last for an image, and from what: an image whose tree and packing are as they were, and whose files
// in the output directory nobody has touched since, need not be packed again.

import { createHash, type Hash } from "node:crypto";
import { type BigIntStats, existsSync, lstatSync, readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FormerDirectory } from "../../outputs/directory-links.ts";
import { makeDirectory } from "../../report/directories.ts";
import { writeWhole } from "../../report/whole-file.ts";
import { bootId } from "../../sandbox/boot-id.ts";
import { tryLock } from "../../sandbox/lock.ts";
import type { Artifact } from "../../tools/artifact.ts";
import { changedPaths } from "./changed-paths.ts";
import type { Inputs, Reads } from "./fingerprints.ts";
import { keyOf } from "./key.ts";
import type { LayerDirectory } from "./layer-directory.ts";
import type { Stack } from "./layers.ts";
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
  /** What was published last in a place, whatever has become of it. */
  last(place: OutputPlace): Promise<OutputRecord | undefined>;
  /** What packing the tree now would make again, if all of it is still there as it was published. */
  find(place: OutputPlace, stack: Stack, inputs: Inputs): Promise<PublishedOutput | undefined>;
  /** The key that the output would have. */
  expected(stack: Stack, inputs: Inputs): Promise<string | undefined>;
  /**
   * The directory that was published last and is going to be replaced, if nobody has touched or uses it, and what of it
   * can be different now. Nobody can use it until it is disposed of.
   */
  former(place: OutputPlace, path: string, stack: Stack): Promise<(FormerDirectory & AsyncDisposable) | undefined>;
  /** The layers that the output of a place was last made of; none where one of them is not there any more. */
  lastStack(place: OutputPlace): Promise<Stack>;
  /** The key of an output that was just packed. */
  keyFor(stack: Stack, reads: Reads): string;
  /** Notes what was just published. */
  add(place: OutputPlace, made: MadeFrom, artifacts: readonly Artifact[]): Promise<void>;
}

/** What an output was made from. */
export interface MadeFrom {
  readonly stack: Stack;
  /** The layers beside the image's, of which it has something. */
  readonly overlay: Stack;
  /** What packing has read. */
  readonly reads: Reads;
  /** Whether it is the tree as it was packed, which no script has changed afterwards. */
  readonly isPure: boolean;
}

/** What is written down of a published output. */
export interface OutputRecord extends PublishedOutput {
  readonly place: OutputPlace;
  /** The layers that its tree was made of, by their keys. */
  readonly layers: readonly string[];
  /** Those that have something in it by another way: what build scripts made, the content of others. */
  readonly others: readonly string[];
  readonly isPure: boolean;
  /** Of each artefact: changes when anybody touches it. */
  readonly identities: readonly string[];
  /** The boot of the machine that they were made in: after a power cut they may be there without their contents. */
  readonly boot: string;
}

/** Records in a directory of a store. @param layers what they were made from */
export function openKeptOutputs(
  records: string,
  { traces, layers }: { readonly traces: Traces; readonly layers: Pick<LayerDirectory, "at" | "about"> },
  { fresh }: Pick<StoreOptions, "fresh">,
): KeptOutputs {
  const keyFor = (stack: Stack, reads: Reads) => keyOf([positionOf(stack), reads]);
  const pathOf = ({ directory, image }: OutputPlace) => join(records, `${keyOf([directory, image])}.json`);
  /** Undefined when one of them is gone. */
  const stackOf = (record: OutputRecord): Stack | undefined => {
    const stack = record.layers.flatMap((key) => layers.at(key) ?? []);
    return stack.length < record.layers.length ? undefined : stack;
  };
  return {
    keyFor,
    async lastStack(place) {
      const record = fresh ? undefined : await readRecord(pathOf(place));
      return (record && stackOf(record)) ?? [];
    },
    last: (place) => readRecord(pathOf(place)),
    async find(place, stack, inputs) {
      if (fresh) return undefined;
      const key = (await traces.find(positionOf(stack), inputs))?.key;
      const record = key === undefined ? undefined : await readRecord(pathOf(place));
      return record !== undefined && record.key === key && record.boot === bootId() && isUntouched(record)
        ? record
        : undefined;
    },
    async expected(stack, inputs) {
      return fresh ? undefined : (await traces.find(positionOf(stack), inputs))?.key;
    },
    async former(place, path, stack) {
      const record = fresh ? undefined : await readRecord(pathOf(place));
      const isThere = record?.artifacts.some((artifact) => artifact.kind === "image" && artifact.path === path);
      if (record === undefined || isThere !== true || !record.isPure || record.boot !== bootId()) return undefined;
      const before = stackOf(record);
      if (before === undefined) return undefined;
      // A container or machine that runs from it would write to files that the new output shares.
      const lock = existsSync(path) ? await tryLock(path) : undefined;
      if (lock === undefined) return undefined;
      const status = lstatSync(path);
      if (isUntouched(record) && status.isDirectory()) {
        const changed = changedPaths(before, stack);
        return { path, inode: status.ino, changed, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
      }
      await lock[Symbol.asyncDispose]();
      return undefined;
    },
    async add(place, { stack, overlay, reads, isPure }, artifacts) {
      const key = keyFor(stack, reads);
      const identities = artifacts.map(({ path }) => identityOf(path));
      const path = pathOf(place);
      makeDirectory(dirname(path));
      const keys = stack.map((layer) => layer.key);
      const contents = keys.flatMap((layer) => layers.about(layer)?.content ?? []);
      const others = [...overlay.map((layer) => layer.key), ...contents];
      const record: OutputRecord = { key, artifacts, identities, place, layers: keys, others, isPure, boot: bootId() };
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
    const record = JSON.parse(await readFile(path, "utf8")) as Partial<OutputRecord> | null;
    const isWhole = [record?.artifacts, record?.identities, record?.layers, record?.others].every(Array.isArray);
    return isWhole && record?.place !== undefined ? (record as OutputRecord) : undefined;
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
  identify(hash, Buffer.from(path).toString("latin1"));
  return hash.digest("hex");
}

/** @param path a character for each byte: names in images need not be UTF-8 */
function identify(hash: Hash, path: string): void {
  const bytes = Buffer.from(path, "latin1");
  const status: BigIntStats = lstatSync(bytes, { bigint: true });
  hash.update([basename(path), status.ino, status.size, status.mtimeNs, status.ctimeNs].join("\0"));
  if (!status.isDirectory()) return;
  for (const name of readdirSync(bytes, "latin1").toSorted()) identify(hash, `${path}/${name}`);
}
