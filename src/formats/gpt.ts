// Reads GUID partition tables: to find the root partition of a disk image that is to be booted without its boot
// loader, and to check what was made. Follows the UEFI specification, section 5.3.

import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { readExactly } from "./read-at.ts";

export interface GptPartition {
  /** Type and identity as lower-case UUIDs. */
  readonly type: string;
  readonly uuid: string;
  readonly label: string;
  /** Number in the table, from 1. */
  readonly number: number;
  /** Bytes from the start of the disk. */
  readonly offset: number;
  readonly size: number;
}

export interface Gpt {
  readonly uuid: string;
  /** Bytes: 512, 1024, 2048 or 4096. */
  readonly sectorSize: number;
  /** In the table's order, without unused entries. */
  readonly partitions: readonly GptPartition[];
}

const SECTOR_SIZES = [512, 4096, 2048, 1024];
const HEADER_SIZE = 92;
const UNUSED = "00000000-0000-0000-0000-000000000000";

/** The ESP's type by the UEFI specification. */
export const ESP_TYPE = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

/** Reads the primary table of a disk image. Undefined when it has none, or one whose checksums are wrong. */
export async function readGpt(path: string): Promise<Gpt | undefined> {
  await using file = await open(path);
  for (const sectorSize of SECTOR_SIZES) {
    const table = await readTable(file, sectorSize);
    if (table !== undefined) return table;
  }
  return undefined;
}

/** Whether the last sector holds the copy of the table's header that is for this place. Sizes in bytes. */
export async function hasBackupGpt(path: string, size: number, sectorSize: number): Promise<boolean> {
  await using file = await open(path);
  const last = Math.floor(size / sectorSize) - 1;
  const header = await readExactly(file, last * sectorSize, HEADER_SIZE);
  if (header === undefined || header.toString("latin1", 0, 8) !== "EFI PART") return false;
  const checksum = header.readUInt32LE(16);
  header.writeUInt32LE(0, 16);
  return crc32(header) === checksum && header.readBigUInt64LE(24) === BigInt(last);
}

async function readTable(file: FileHandle, sectorSize: number): Promise<Gpt | undefined> {
  const header = await readExactly(file, sectorSize, HEADER_SIZE);
  if (header === undefined || header.toString("latin1", 0, 8) !== "EFI PART") return undefined;
  const checksum = header.readUInt32LE(16);
  header.writeUInt32LE(0, 16);
  if (header.readUInt32LE(12) !== HEADER_SIZE || crc32(header) !== checksum) return undefined;
  const [count, entrySize] = [header.readUInt32LE(80), header.readUInt32LE(84)];
  const entries = await readExactly(file, Number(header.readBigUInt64LE(72)) * sectorSize, count * entrySize);
  if (entries === undefined || crc32(entries) !== header.readUInt32LE(88)) return undefined;
  const partitions: GptPartition[] = [];
  for (let index = 0; index < count; index++) {
    const entry = entries.subarray(index * entrySize, (index + 1) * entrySize);
    const type = formatGuid(entry.subarray(0, 16));
    if (type === UNUSED) continue;
    const [first, last] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))];
    partitions.push({
      type,
      uuid: formatGuid(entry.subarray(16, 32)),
      label: entry.toString("utf16le", 56, 128).replace(/\0.*$/s, ""),
      number: index + 1,
      offset: first * sectorSize,
      size: (last - first + 1) * sectorSize,
    });
  }
  return { uuid: formatGuid(header.subarray(56, 72)), sectorSize, partitions };
}

/** GUIDs are stored with their first three fields in little-endian order. */
function formatGuid(bytes: Buffer): string {
  const hex = (from: number, to: number, reverse: boolean) => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (reverse ? part.reverse() : part).toString("hex");
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join("-");
}
