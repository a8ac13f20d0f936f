// Reads the headers of cpio archives in the "new" formats, as the kernel's Documentation/driver-api/early-userspace/buffer-format.rst
// has them: an initrd may consist of several archives, one after the other, of which the last one is compressed.

import type { FileHandle } from "node:fs/promises";
import { readUpTo } from "./read-at.ts";

export interface CpioSummary {
  readonly files: number;
  /** Bytes that the files have. */
  readonly size: number;
  /** Where the archives and the zeros after them end, in bytes. */
  readonly end: number;
}

const HEADER_SIZE = 110;
const align = (value: number) => Math.ceil(value / 4) * 4;

/** Counts what the archives from an offset on have, up to something else. @param size of the file in bytes */
export async function readCpio(file: FileHandle, size: number, offset = 0): Promise<CpioSummary> {
  let [at, files, bytes] = [offset, 0, 0];
  while (at + HEADER_SIZE <= size) {
    const buffer = await readUpTo(file, at, HEADER_SIZE);
    if (/^07070[12][0-9a-fA-F]{104}$/.test(buffer.toString("latin1"))) {
      const field = (index: number) => Number.parseInt(buffer.toString("latin1", 6 + 8 * index, 14 + 8 * index), 16);
      const [mode, dataSize, nameSize] = [field(1), field(6), field(11)];
      const isEnd = nameSize === 11 && dataSize === 0 && mode === 0;
      if (!isEnd) files += 1;
      if ((mode & 0o170000) === 0o100000) bytes += dataSize;
      at = align(align(at + HEADER_SIZE + nameSize) + dataSize);
    } else if (buffer.subarray(0, 4).every((byte) => byte === 0)) at += 4;
    else break;
  }
  return { files, size: bytes, end: Math.min(at, size) };
}
