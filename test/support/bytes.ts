// Pieces of files that are too large to be read as a whole.

import { closeSync, openSync, readSync } from "node:fs";

/** @throws {Error} when the file ends before */
export function bytesOf(path: string, from: number, length: number): Buffer {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    if (readSync(file, buffer, 0, length, from) !== length)
      throw new Error(`${path} has no ${length} bytes at ${from}`);
    return buffer;
  } finally {
    closeSync(file);
  }
}
