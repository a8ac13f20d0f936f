// Reads pieces of files whose headers say where and how much, which need not be true.

import type { FileHandle } from "node:fs/promises";

/** What a file has from an offset on, at most `length` bytes, and less where it ends. */
export async function readUpTo(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  // A device's size is not told; nobody asks for much of one.
  const most = size === 0 ? Math.min(length, 1024 * 1024) : Math.min(length, size - offset);
  if (!(most > 0)) return Buffer.alloc(0);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(most), 0, most, offset);
  return buffer.subarray(0, bytesRead);
}

/** Exactly `length` bytes; undefined where the file ends before. */
export async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer | undefined> {
  const bytes = await readUpTo(file, offset, length);
  return bytes.length === length ? bytes : undefined;
}
