// Where pacman finds and keeps things: directories of the package cache on the host, and their places in the sandbox.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeWritableDirectory } from "../../report/directories.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxState } from "../sandbox-files.ts";

/** pacman's database in the sandbox: `sync` of the repositories, `local` of the tree. */
export const DATABASE = "/var/lib/pacman";

/** Downloaded packages in the sandbox, and those of this machine. */
export const PACKAGES = "/var/cache/pacman/pkg";
export const LOCAL_PACKAGES = "/var/cache/pacman/mkosi";

/** Where a tree has the list of what is installed in it. */
export const INSTALLED = "var/lib/pacman/local";

export interface PacmanCache {
  /** The repositories' databases: a directory of each set of repositories. */
  readonly databases: string;
  /** Downloaded packages of the distribution. */
  readonly packages: string;
  /** Keyrings, one for each set of keys that was populated. */
  readonly keyrings: string;
  /** Lock files: who changes one of these directories holds its own. */
  readonly databasesLock: string;
  readonly packagesLock: string;
  readonly keyringsLock: string;
}

/** The cache directories of a context. */
export function pacmanCache(context: PackageContext): PacmanCache {
  const { distribution, release } = context.image.config;
  const base = join(context.packageCache, "pacman");
  const own = sandboxState(context, ["etc/pacman.conf", "etc/pacman.d"]);
  const set = createHash("sha256")
    .update(JSON.stringify([context.repositories, context.architecture, own]))
    .digest("hex")
    .slice(0, 12);
  const databases = join(base, `${distribution}~${release}~${context.architecture}~${set}`);
  const [packages, keyrings] = [join(base, `${distribution}~packages`), join(base, "keyrings")];
  return {
    databases,
    packages,
    keyrings,
    databasesLock: `${databases}.lock`,
    packagesLock: `${packages}.lock`,
    keyringsLock: `${keyrings}.lock`,
  };
}

/** Makes what pacman expects to be there. */
export function prepareCache({ databases, packages, keyrings }: PacmanCache): void {
  for (const directory of [databases, packages, keyrings]) makeWritableDirectory(directory, "PackageCacheDirectory=");
}
