// Listings of the trees that steps have read, kept by their digests, so that `mkosi why` can name the file that is
// another now. Nothing is built from them.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { makeDirectory } from "../../report/directories.ts";
import { writeWhole } from "../../report/whole-file.ts";

/** Files of a tree with what is told of each, see TreeListing. */
export type Entries = ReadonlyMap<string, string>;

export interface Listings {
  keep(digest: string, entries: Entries): Promise<void>;
  /** Undefined when it was not kept. */
  read(digest: string): Promise<Entries | undefined>;
}

export function openListings(directory: string): Listings {
  const pathOf = (digest: string) => join(directory, `${digest}.gz`);
  return {
    async keep(digest, entries) {
      const path = pathOf(digest);
      if (existsSync(path)) return;
      makeDirectory(directory);
      const text = JSON.stringify([...entries]);
      await writeWhole(path, await promisify(gzip)(text));
    },
    async read(digest) {
      try {
        const text = (await promisify(gunzip)(await readFile(pathOf(digest)))).toString();
        return new Map(JSON.parse(text) as [string, string][]);
      } catch {
        return undefined;
      }
    },
  };
}

/** What is different between two listings, a line each; `root`: the path of the tree. */
export function differences(before: Entries, after: Entries, root: string): string[] {
  const removed = [...before.keys()].filter((name) => !after.has(name)).map((name) => `${root}${name} is gone`);
  const others = [...after].flatMap(([name, entry]) => {
    const old = before.get(name);
    if (old === entry) return [];
    return [`${root}${name} ${old === undefined ? "is new" : difference(old, entry)}`];
  });
  return [...removed, ...others];
}

/** An entry is a mode, a content and, where there are any, extended attributes. */
const ENTRY = /^(\S+) ?([^\t]*)\t?(.*)$/;

function difference(before: string, after: string): string {
  const [left, right] = [ENTRY.exec(before), ENTRY.exec(after)];
  const parts = ["mode", "content", "set of attributes"].filter((_, index) => left?.[index + 1] !== right?.[index + 1]);
  return `has another ${parts.join(" and another ")}`;
}
