// Finds where frames of Zstandard end without decompressing them (RFC 8878, section 3.1): in an initrd other archives follow.

import type { FileHandle } from "node:fs/promises";
import { readUpTo } from "./read-at.ts";

const FRAME = 0xfd2fb528;
/** The magic numbers of sixteen kinds of frames that hold no data. */
const SKIPPABLE = 0x184d2a50;
const CHECKSUM_SIZE = 4;

/** The end of the frames that begin at an offset, in bytes; the offset itself where none does. @param size of the file */
export async function frameEnd(file: FileHandle, offset: number, size: number): Promise<number> {
  let at = offset;
  while (at + 8 <= size) {
    const end = await oneFrame(file, at);
    if (end === undefined || end > size) break;
    at = end;
  }
  return at;
}

async function oneFrame(file: FileHandle, offset: number): Promise<number | undefined> {
  const header = await readUpTo(file, offset, 18);
  if (header.length < 8) return undefined;
  const magic = header.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return offset + 8 + header.readUInt32LE(4);
  if (magic !== FRAME) return undefined;
  const descriptor = header[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = offset + 5 + (isSingle ? 0 : 1) + dictionary + contentSize;
  for (;;) {
    const block = await readUpTo(file, at, 3);
    if (block.length < 3) return undefined;
    const value = block.readUIntLE(0, 3);
    const type = (value >> 1) & 3;
    // A block of type 1 is one byte that is repeated.
    at += 3 + (type === 1 ? 1 : value >> 3);
    if ((value & 1) === 1) break;
  }
  return at + ((descriptor & 4) === 0 ? 0 : CHECKSUM_SIZE);
}
