// How large an artefact is, for the line that tells of it.

import { lstatSync, readdirSync } from "node:fs";

/**
 * Bytes of a file, or of all files in a directory (hard links are counted each time). Not asynchronous: with thousands
 * of files that takes several times as long.
 */
export function artifactSize(path: string): number {
  const status = lstatSync(path);
  return status.isDirectory() ? directorySize(path) : status.size;
}

function directorySize(path: string): number {
  let bytes = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = `${path}/${entry.name}`;
    // A name that is not UTF-8 is not found under what Node makes of it.
    if (entry.name.includes("\ufffd")) continue;
    bytes += entry.isDirectory() ? directorySize(below) : lstatSync(below).size;
  }
  return bytes;
}
