// Writes files that are there as a whole or not at all, also when others read them, the disk is full or the program is
// killed meanwhile.

import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What the names of files begin with that are being written; who keeps a directory removes those that were left. */
export const UNFINISHED = ".new-";

export interface WholeFileOptions {
  /** Where the file is while it is written: on the same file system; default: its own directory. */
  readonly directory?: string;
  readonly mode?: number;
}

/** Writes several files of which none is of use without the others: they take their names when all are written. */
export async function writeTogether(
  files: readonly { readonly path: string; readonly content: string; readonly mode?: number }[],
): Promise<void> {
  const written: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const { path, content, mode = 0o666 } of files) {
      const from = unfinishedName(dirname(path), path);
      written.push({ from, to: path });
      await writeFile(from, content, { mode });
    }
    for (const { from, to } of written) await rename(from, to);
  } finally {
    for (const { from } of written) await rm(from, { force: true });
  }
}

function unfinishedName(directory: string, path: string): string {
  return join(directory, `${UNFINISHED}${basename(path)}-${randomUUID()}`);
}

export async function writeWhole(
  path: string,
  content: string | Buffer,
  { directory = dirname(path), mode = 0o666 }: WholeFileOptions = {},
): Promise<void> {
  const unfinished = unfinishedName(directory, path);
  try {
    await writeFile(unfinished, content, { mode });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
