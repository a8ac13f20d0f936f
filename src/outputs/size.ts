// How large an artefact is, for the line that tells of it.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of a file, or of all files in a directory (hard links are counted each time). */
export async function artifactSize(path: string): Promise<number> {
  const status = await lstat(path);
  if (!status.isDirectory()) return status.size;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await artifactSize(join(path, name));
  return bytes;
}
