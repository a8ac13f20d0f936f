// Digests of files' contents, kept from build to build: a file whose inode, size and times are as they were is not read
// again. Git does the same with its index.

import { mkdirSync, readFileSync, renameSync, type Stats, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { contentDigest } from "../digest.ts";

export interface ContentDigests {
  digest(path: string, status: Stats): string;
  /** Writes down what is new. */
  save(): void;
}

/** A file that was changed so recently (milliseconds) may change again without its times telling. */
const RECENT = 1000;
/** How many files are remembered at most: those that nobody has asked for since go first. */
const LIMIT = 200_000;

type Known = readonly [inode: number, size: number, modified: number, changed: number, digest: string];

/** Digests that are remembered in a file. */
export function openContentDigests(file: string): ContentDigests {
  let before: Map<string, Known> | undefined;
  const now = new Map<string, Known>();
  let isNew = false;
  return {
    digest(path, status) {
      before ??= read(file);
      const { ino, size, mtimeMs, ctimeMs } = status;
      const known = now.get(path) ?? before.get(path);
      if (known?.[0] === ino && known[1] === size && known[2] === mtimeMs && known[3] === ctimeMs) {
        now.set(path, known);
        return known[4];
      }
      const digest = contentDigest(path);
      if (Date.now() - ctimeMs > RECENT) {
        now.set(path, [ino, size, mtimeMs, ctimeMs, digest]);
        isNew = true;
      }
      return digest;
    },
    save() {
      if (!isNew) return;
      const all = [...now, ...[...(before ?? [])].filter(([path]) => !now.has(path))].slice(0, LIMIT);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(all));
      renameSync(`${file}.${process.pid}`, file);
      isNew = false;
    },
  };
}

/** Nothing where there is no such file, or none that can be read: the files are read then. */
function read(file: string): Map<string, Known> {
  try {
    return new Map(JSON.parse(readFileSync(file, "utf8")) as [string, Known][]);
  } catch {
    return new Map();
  }
}
