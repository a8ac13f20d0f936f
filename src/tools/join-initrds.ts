// Several initrds as one file.

import { readFile, writeFile } from "node:fs/promises";

/** The kernel unpacks initrds that follow each other when each begins at a multiple of 4 bytes. */
export async function joinInitrds(initrds: readonly string[], target: string): Promise<void> {
  const parts = await Promise.all(initrds.map((path) => readFile(path)));
  await writeFile(
    target,
    parts.flatMap((part) => [part, Buffer.alloc((4 - (part.length % 4)) % 4)]),
  );
}
