// Where apt finds and keeps things: directories of the package cache on the host, and their places in the sandbox.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeWritableDirectory } from "../../report/directories.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxState } from "../sandbox-files.ts";

/** The package cache of one repository set, in the sandbox. */
export const CACHE = "/var/cache/apt";

export interface AptCache {
  /** Directory on the host, mounted at CACHE: `lists/` is this repository set's own, so that a build with another mirror leaves it alone. */
  readonly directory: string;
  /** Downloaded packages on the host, shared by all repository sets of the distribution and mounted at CACHE/archives. */
  readonly archives: string;
  /** Lock files: who changes `lists/` or `archives/` holds it. */
  readonly listsLock: string;
  readonly archivesLock: string;
}

/** The cache directories of a context: a pure function of distribution, release, architecture and repositories. */
export function aptCache(context: PackageContext): AptCache {
  const { distribution, release } = context.image.config;
  const base = join(context.packageCache, "apt");
  const own = sandboxState(context, ["etc/apt"]);
  const set = createHash("sha256")
    .update(JSON.stringify([context.repositories, context.architecture, ...(own === undefined ? [] : [own])]))
    .digest("hex")
    .slice(0, 12);
  const directory = join(base, `${distribution}~${release}~${context.architecture}~${set}`);
  return {
    directory,
    archives: join(base, `${distribution}~archives`),
    listsLock: `${directory}.lock`,
    archivesLock: join(base, `${distribution}~archives.lock`),
  };
}

/** Makes what apt expects to be there. */
export async function prepareCache(cache: AptCache): Promise<void> {
  const directories = [
    join(cache.directory, "lists/partial"),
    join(cache.directory, "archives"),
    join(cache.archives, "partial"),
  ];
  for (const directory of directories) makeWritableDirectory(directory, "PackageCacheDirectory=");
}
