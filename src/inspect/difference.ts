// What is different between two images. Times of files do not count: they tell when an image was made, not what is in it.

import { type FileHandle, open } from "node:fs/promises";
import type { InstalledPackage } from "../package-managers/manager.ts";
import type { Contents, EfiProgram, Entry, Partition } from "./contents.ts";
import type { OpenImage } from "./read.ts";

/** Something that both have, and that is not the same. */
export interface Change<T> {
  readonly from: T;
  readonly to: T;
  /** Names of what differs, as `content` or `mode`. */
  readonly what: readonly string[];
}

export interface Differences<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  readonly changed: readonly Change<T>[];
}

export interface Difference {
  readonly packages: Differences<InstalledPackage>;
  readonly files: Differences<Entry>;
  readonly partitions: Differences<Partition>;
  /** EFI programs, without what they are called. */
  readonly efi: Differences<EfiProgram>;
  readonly units: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Fields of os-release; undefined: not there. */
  readonly release: readonly { readonly field: string; readonly from?: string; readonly to?: string }[];
}

/** @param from the older one */
export async function differenceOf(from: OpenImage, to: OpenImage): Promise<Difference> {
  const [a, b] = [from.contents, to.contents];
  return {
    packages: await compare(
      a.packages,
      b.packages,
      (each) => `${each.name}:${each.architecture}`,
      (old, now) => names({ version: old.version !== now.version }),
    ),
    files: await compare(
      a.entries,
      b.entries,
      (entry) => entry.path,
      async (old, now) =>
        names({
          type: old.type !== now.type,
          content: old.type === now.type && !(await haveSameContent(from, old, to, now)),
          target: old.target !== now.target,
          mode: old.mode !== now.mode,
          owner: old.uid !== now.uid || old.gid !== now.gid,
        }),
    ),
    partitions: await compare(
      a.partitions,
      b.partitions,
      partitionKeys(a),
      (old, now) => partitionChanges(old, now),
      partitionKeys(b),
    ),
    efi: await compare(a.efi, b.efi, efiKey, efiChanges),
    units: {
      added: b.units.enabled.filter((unit) => !a.units.enabled.includes(unit)),
      removed: a.units.enabled.filter((unit) => !b.units.enabled.includes(unit)),
    },
    release: releaseChanges(a, b),
  };
}

/** Whether there is nothing at all. */
export function isEmpty({ packages, files, partitions, efi, units, release }: Difference): boolean {
  const none = ({ added, removed, changed }: Differences<unknown>) =>
    added.length + removed.length + changed.length === 0;
  const all: readonly Differences<unknown>[] = [packages, files, partitions, efi];
  return all.every(none) && units.added.length + units.removed.length + release.length === 0;
}

async function compare<T>(
  from: readonly T[],
  to: readonly T[],
  key: (each: T) => string,
  differs: (old: T, now: T) => readonly string[] | Promise<readonly string[]>,
  keyOfNow = key,
): Promise<Differences<T>> {
  const old = new Map(from.map((each) => [key(each), each]));
  const now = new Map(to.map((each) => [keyOfNow(each), each]));
  const changed: Change<T>[] = [];
  for (const [name, each] of old) {
    const other = now.get(name);
    const what = other === undefined ? [] : await differs(each, other);
    if (other !== undefined && what.length > 0) changed.push({ from: each, to: other, what });
  }
  return {
    added: [...now].filter(([name]) => !old.has(name)).map(([, each]) => each),
    removed: [...old].filter(([name]) => !now.has(name)).map(([, each]) => each),
    changed,
  };
}

function names(differences: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(differences).flatMap(([name, differs]) => (differs ? [name] : []));
}

async function haveSameContent(a: OpenImage, old: Entry, b: OpenImage, now: Entry): Promise<boolean> {
  if (old.type !== "file") return true;
  const [first, second] = [old.sameAs ?? old.path, now.sameAs ?? now.path];
  await using left = await open(a.locate(first));
  await using right = await open(b.locate(second));
  return await areEqual(left, right);
}

const PIECE = 256 * 1024;

async function areEqual(left: FileHandle, right: FileHandle): Promise<boolean> {
  if ((await left.stat()).size !== (await right.stat()).size) return false;
  const [a, b] = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)];
  for (let offset = 0; ; offset += PIECE) {
    const length = (await left.read(a, 0, PIECE, offset)).bytesRead;
    await right.read(b, 0, PIECE, offset);
    if (!a.subarray(0, length).equals(b.subarray(0, length))) return false;
    if (length < PIECE) return true;
  }
}

/** Partitions are known by their types; of several of one type by their order. */
function partitionKeys({ partitions }: Contents): (partition: Partition) => string {
  return (partition) =>
    `${partition.type} ${partitions.filter(({ type }) => type === partition.type).indexOf(partition)}`;
}

function partitionChanges(old: Partition, now: Partition): readonly string[] {
  return names({
    size: old.size !== now.size,
    label: old.label !== now.label,
    uuid: old.uuid !== now.uuid,
    "file system": old.fileSystem?.type !== now.fileSystem?.type,
    "file system's UUID": old.fileSystem?.uuid !== now.fileSystem?.uuid,
  });
}

/** Versions of kernels and systems are in names of files: what is the same image otherwise is compared. */
function efiKey({ path }: EfiProgram): string {
  return path.replace(/\d+(?:[._+~-][0-9a-z]+)*/gi, "*");
}

function efiChanges(old: EfiProgram, now: EfiProgram): readonly string[] {
  const json = JSON.stringify;
  return names({
    path: old.path !== now.path,
    size: old.size !== now.size,
    "kernel version": old.kernelVersion !== now.kernelVersion,
    "command line": old.commandLine !== now.commandLine,
    profiles: json(old.profiles) !== json(now.profiles),
    initrd: json(old.initrd) !== json(now.initrd),
    "PCR signatures": json(old.pcrSignatures) !== json(now.pcrSignatures),
    signers: json(old.signers) !== json(now.signers),
  });
}

function releaseChanges(a: Contents, b: Contents): Difference["release"] {
  const fields = [...new Set([...Object.keys(a.release), ...Object.keys(b.release)])];
  return fields.flatMap((field) => {
    const [from, to] = [a.release[field], b.release[field]];
    if (from === to) return [];
    return [{ field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}
