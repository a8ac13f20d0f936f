// The digest of a file or a directory, for keys of what is made from it.

import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Hashes names, modes, link targets and contents; owners and times do not count, since copies into images drop them. */
export function digestTree(path: string): string {
  const hash = createHash("sha256");
  add(hash, path, "");
  return hash.digest("hex");
}

function add(hash: Hash, path: string, name: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  hash.update(JSON.stringify([name, status?.mode]));
  if (status?.isSymbolicLink() === true) hash.update(JSON.stringify(readlinkSync(path)));
  else if (status?.isFile() === true) hash.update(readFileSync(path));
  else if (status?.isDirectory() === true)
    for (const entry of readdirSync(path).toSorted()) add(hash, join(path, entry), join(name, entry));
}
