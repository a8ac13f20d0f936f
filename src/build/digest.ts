// The digest of a file or a directory, for keys of what is made from it.

import { createHash, type Hash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { basename } from "node:path";

export interface DigestOptions {
  /** Says which files and directories do not count. */
  readonly without?: (path: string) => boolean;
  /** Whether of Git's directory only what is checked out counts: its index changes when somebody looks. */
  readonly sources?: boolean;
  /** The digest of a file's content; default: it is read. */
  readonly contentDigest?: (path: string, status: Stats) => string;
}

/** Hashes names, modes, link targets and contents; owners and times do not count, since copies into images drop them. */
export function digestTree(path: string, options: DigestOptions = {}): string {
  const hash = createHash("sha256");
  add(hash, path, "", options);
  return hash.digest("hex");
}

/** The digest of a file's content. */
export function contentDigest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("base64url");
}

/** What says in a directory of Git's which commit is checked out. */
const GIT_HEADS = ["HEAD", "packed-refs", "refs"];

function add(hash: Hash, path: string, name: string, options: DigestOptions): void {
  const { without, sources = false, contentDigest: digestOf = contentDigest } = options;
  if (without?.(path) === true) return;
  const status = lstatSync(path, { throwIfNoEntry: false });
  // A name has no NUL in it, so no two trees have the same text.
  const entry = `${name}\0${status?.mode}\0`;
  if (status?.isFile() === true) hash.update(`${entry}${digestOf(path, status)}\0`);
  else if (status?.isSymbolicLink() === true) hash.update(`${entry}${readlinkSync(path)}\0`);
  else hash.update(entry);
  if (status?.isDirectory() === true) {
    const isGit = sources && basename(path) === ".git";
    for (const child of isGit ? GIT_HEADS : readdirSync(path).toSorted())
      add(hash, `${path}/${child}`, `${name}/${child}`, options);
  }
}
