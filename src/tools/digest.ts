// The digest of a file or a directory, for keys of what is made from it.

import { createHash, type Hash, randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

export interface DigestOptions {
  /** Says which files and directories do not count. */
  readonly without?: (path: string) => boolean;
  /** Whether of Git's directory only what is checked out counts: its index changes when somebody looks. */
  readonly sources?: boolean;
  /** Whether owners count. */
  readonly owners?: boolean;
  /** Whether times of change count. */
  readonly times?: boolean;
  /** The digest of a file's content; default: it is read. */
  readonly contentDigest?: (path: string, status: Stats) => string;
}

/** What there is at a path. */
export interface TreeListing {
  /**
   * Mode and content of each file, directory and link, by its path below the listed one (`/etc/issue`; the listed path
   * itself is empty). Owners are not in it unless asked for, since most copies into images drop them, nor are times,
   * which checkouts change.
   */
  readonly entries: Map<string, string>;
  /** Changes whenever anybody does anything to any of them, even what leaves no trace in the entries. */
  readonly identity: string;
  /** When the last of them was changed, in milliseconds since 1970. */
  readonly changed: number;
}

/** Lists a file or a directory with all that is in it. */
export function listTree(path: string, options: DigestOptions = {}): TreeListing {
  const entries = new Map<string, string>();
  const identity = createHash("sha256");
  const changed = add({ entries, identity, linked: new Map() }, path, "", options);
  return { entries, identity: identity.digest("base64url"), changed };
}

export function digestTree(path: string, options: DigestOptions = {}): string {
  return digestListing(listTree(path, options));
}

export function digestListing({ entries }: Pick<TreeListing, "entries">): string {
  const hash = createHash("sha256");
  // A name has no NUL in it, so no two trees have the same text.
  for (const [name, entry] of entries) hash.update(`${name}\0${entry}\0`);
  return hash.digest("hex");
}

/** The digest of a file's content, which may be larger than memory. */
export function contentDigest(path: string): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    for (let length = readSync(file, BUFFER); length > 0; length = readSync(file, BUFFER))
      hash.update(BUFFER.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest("base64url");
}

const BUFFER = Buffer.allocUnsafeSlow(1024 * 1024);

/** What says in a directory of Git's which commit is checked out. */
const GIT_HEADS = ["HEAD", "packed-refs", "refs"];

interface Listing {
  readonly entries: Map<string, string>;
  readonly identity: Hash;
  /** The first names of files that have several. */
  readonly linked: Map<string, string>;
}

/** @returns when it was changed last */
function add(listing: Listing, path: string, name: string, options: DigestOptions): number {
  const { without, sources = false, contentDigest: digestOf = contentDigest } = options;
  if (without?.(path) === true) return 0;
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) {
    listing.entries.set(name, "missing");
    return 0;
  }
  listing.identity.update(`${name}\0${status.ino} ${status.ctimeMs}\0`);
  listing.entries.set(
    name,
    `${status.mode.toString(8)}${ownerOf(status, options)} ${contentOf(path, status, digestOf)}${linkOf(listing, name, status)}`,
  );
  const isGit = sources && basename(path) === ".git";
  if (isGit && status.isFile()) return Math.max(status.ctimeMs, ...gitHeads(listing, path, name, options));
  if (!status.isDirectory()) return status.ctimeMs;
  const children = isGit ? GIT_HEADS : readdirSync(path).toSorted();
  let changed = status.ctimeMs;
  for (const child of children)
    changed = Math.max(changed, add(listing, `${path}/${child}`, `${name}/${child}`, options));
  // Names that are not UTF-8 cannot be looked at: nobody knows whether these files are as they were.
  if (!isGit && children.some((child) => child.includes("\ufffd"))) listing.entries.set(`${name}/`, randomUUID());
  return changed;
}

/** In worktrees and submodules, `.git` is a file that names Git's directory. @returns when each head was changed last */
function gitHeads(listing: Listing, path: string, name: string, options: DigestOptions): readonly number[] {
  const link = (file: string, prefix: string) => readFileSync(file, "utf8").replace(prefix, "").trim();
  const own = resolve(dirname(path), link(path, "gitdir:"));
  const common = join(own, "commondir");
  const directories = existsSync(common) ? [own, resolve(own, link(common, ""))] : [own];
  return directories.flatMap((directory, index) =>
    GIT_HEADS.map((head) => add(listing, join(directory, head), `${name}/${index}/${head}`, options)),
  );
}

function ownerOf({ uid, gid, mtimeMs }: Stats, { owners = false, times = false }: DigestOptions): string {
  return `${owners ? `:${uid}:${gid}` : ""}${times ? `:${mtimeMs}` : ""}`;
}

/** Copies keep which files are one. */
function linkOf({ linked }: Listing, name: string, status: Stats): string {
  if (!status.isFile() || status.nlink === 1) return "";
  const inode = `${status.dev} ${status.ino}`;
  const first = linked.get(inode);
  if (first === undefined) linked.set(inode, name);
  return first === undefined ? "" : ` = ${first}`;
}

function contentOf(path: string, status: Stats, digestOf: (path: string, status: Stats) => string): string {
  if (status.isFile()) return digestOf(path, status);
  return status.isSymbolicLink() ? readlinkSync(path) : `${status.rdev}`;
}
