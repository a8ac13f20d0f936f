// Files that are made from other files, and need not be made again from the same ones: initrds, kernel images, indexes.

import { lstat, readlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { TreeContext } from "./context.ts";
import { contentDigest } from "./digest.ts";
import { pathInside } from "./inside.ts";

export interface DerivedFile {
  /** What it is, for people. */
  readonly what: string;
  /** Everything that is read of the image's tree and of this build's files; settings and tools are watched. May be a promise. */
  from(): unknown;
  /** The file; its directory is there. */
  readonly output: string;
  /** Makes it, by what this context gives and nothing else. */
  make(context: TreeContext): Promise<void>;
}

/** Makes a file, or takes the one that was made from the same things before. */
export type Derive = (context: TreeContext, file: DerivedFile) => Promise<void>;

/** Where nothing is kept. */
export const makeAnew: Derive = async (context, { make }) => await make(context);

/**
 * What an archive has of a file in the tree: name, what lstat(2) tells, content. Times count only where somebody cares
 * (SourceDateEpoch=): else those of a build are nothing that another one could have. @throws {Error} when there is none
 */
export async function identityOf({ root, image }: TreeContext, name: string): Promise<readonly unknown[]> {
  // The link itself, if it is one.
  const path = join(pathInside(root, dirname(name)), basename(name));
  const status = await lstat(path);
  const { mode, uid, gid, mtimeMs, rdev } = status;
  const content = status.isFile() ? contentDigest(path) : status.isSymbolicLink() ? await readlink(path) : "";
  return [name, mode, uid, gid, rdev, content, ...(image.config.sourceDateEpoch === null ? [] : [mtimeMs])];
}
