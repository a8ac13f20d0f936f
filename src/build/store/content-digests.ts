// What was found out about files of the host, kept from build to build: digests of contents, which hold as long as inode,
// size and times are as they were (Git does the same with its index), and extended attributes of trees.

import { readFileSync, type Stats } from "node:fs";
import { writeWhole } from "../../report/whole-file.ts";
import { contentDigest, type TreeListing } from "../../tools/digest.ts";

/** Extended attributes by path below a tree; files without any are not in it. */
export type Attributes = Readonly<Record<string, string>>;

export interface ContentDigests {
  digest(path: string, status: Stats): string;
  /** The attributes of a tree that is as it was when they were read, else those that `look` finds. */
  attributes(path: string, listing: TreeListing, look: () => Promise<Attributes>): Promise<Attributes>;
  /** Writes down what is new, in a directory that is there. */
  save(): Promise<void>;
}

/** A file that was changed so recently (milliseconds) may change again without its times telling: clocks tick. */
const RECENT = 50;
/** The same where times are whole seconds, as on some network file systems. */
const RECENT_COARSE = 2000;
/** How many files are remembered at most: those that nobody has asked for since go first. */
const LIMIT = 200_000;

type KnownFile = readonly [inode: number, size: number, modified: number, changed: number, digest: string];
type KnownTree = readonly [identity: string, attributes: Attributes];

interface Memory {
  readonly files: Map<string, KnownFile>;
  readonly trees: Map<string, KnownTree>;
}

/** Digests that are remembered in a file. */
export function openContentDigests(file: string): ContentDigests {
  let before: Memory | undefined;
  const now: Memory = { files: new Map(), trees: new Map() };
  let isNew = false;
  return {
    digest(path, status) {
      before ??= read(file);
      const { ino, size, mtimeMs, ctimeMs } = status;
      const known = now.files.get(path) ?? before.files.get(path);
      if (known?.[0] === ino && known[1] === size && known[2] === mtimeMs && known[3] === ctimeMs) {
        now.files.set(path, known);
        return known[4];
      }
      const looked = Date.now();
      const digest = contentDigest(path);
      if (isSettled(ctimeMs, looked)) {
        now.files.set(path, [ino, size, mtimeMs, ctimeMs, digest]);
        isNew = true;
      }
      return digest;
    },
    async attributes(path, { identity, changed }, look) {
      before ??= read(file);
      const known = now.trees.get(path) ?? before.trees.get(path);
      if (known?.[0] === identity) {
        now.trees.set(path, known);
        return known[1];
      }
      const looked = Date.now();
      const attributes = await look();
      if (isSettled(changed, looked)) {
        now.trees.set(path, [identity, attributes]);
        isNew = true;
      }
      return attributes;
    },
    async save() {
      if (!isNew) return;
      const { files, trees } = before ?? now;
      const all = { files: merged(now.files, files), trees: merged(now.trees, trees) };
      isNew = false;
      // What cannot be remembered is found out again.
      await writeWhole(file, JSON.stringify(all)).catch(() => {});
    },
  };
}

function isSettled(changed: number, looked: number): boolean {
  return looked - changed > (changed % 1000 === 0 ? RECENT_COARSE : RECENT);
}

function merged<Known>(now: ReadonlyMap<string, Known>, before: ReadonlyMap<string, Known>): [string, Known][] {
  return [...now, ...[...before].filter(([path]) => !now.has(path))].slice(0, LIMIT);
}

/** Nothing where there is no such file, or none that can be read: the files are read then. */
function read(file: string): Memory {
  try {
    const { files, trees } = JSON.parse(readFileSync(file, "utf8")) as Record<keyof Memory, []>;
    return { files: new Map(files), trees: new Map(trees) };
  } catch {
    return { files: new Map(), trees: new Map() };
  }
}
