// The partitions of a disk image, and where their files belong in its tree (UAPI Group's Discoverable Partitions Specification).

import { open, stat } from "node:fs/promises";
import { PARTITION_NAMES } from "../facts/partition-names.ts";
import { readFileSystem } from "../formats/file-system.ts";
import { readGpt } from "../formats/gpt.ts";
import { readUpTo } from "../formats/read-at.ts";
import type { Partition } from "./contents.ts";

export interface PartitionTable {
  /** Bytes. */
  readonly sectorSize: number;
  readonly partitions: readonly Partition[];
}

/** Reads the table of a disk image and the beginning of each partition. Undefined when there is no table. */
export async function readPartitions(path: string): Promise<PartitionTable | undefined> {
  const table = await readGpt(path);
  if (table === undefined) return undefined;
  await using file = await open(path);
  const partitions: Partition[] = [];
  const taken = new Set<string>();
  for (const { number, label, type, uuid, offset, size } of table.partitions) {
    const name = PARTITION_NAMES[type] ?? type;
    const fileSystem = await readFileSystem(async (at, length) =>
      at >= size ? Buffer.alloc(0) : await readUpTo(file, offset + at, Math.min(length, size - at)),
    );
    // Of several versions of a partition, the first one is looked at.
    const wanted = mountPointOf(name);
    const mountPoint = wanted === undefined || taken.has(wanted) ? undefined : wanted;
    if (mountPoint !== undefined && fileSystem !== undefined) taken.add(mountPoint);
    partitions.push({ number, label, type: name, uuid, offset, size, fileSystem, mountPoint });
  }
  return { sectorSize: table.sectorSize, partitions };
}

/** A file that is one file system, as its only partition. */
export async function wholeFile(path: string): Promise<Partition> {
  await using file = await open(path);
  const fileSystem = await readFileSystem((offset, length) => readUpTo(file, offset, length));
  const { size } = await stat(path);
  return { number: 0, label: "", type: "", uuid: "", offset: 0, size, fileSystem, mountPoint: "/" };
}

const PLACES: Readonly<Record<string, string>> = {
  esp: "/efi",
  xbootldr: "/boot",
  home: "/home",
  srv: "/srv",
  var: "/var",
  tmp: "/var/tmp",
};

function mountPointOf(type: string): string | undefined {
  if (/-verity(-sig)?$/.test(type)) return undefined;
  if (type.startsWith("root-")) return "/";
  if (type.startsWith("usr-")) return "/usr";
  return PLACES[type];
}
