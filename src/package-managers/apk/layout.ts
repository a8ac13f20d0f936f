// Where apk finds and keeps things: directories of the package cache on the host, and their places in the sandbox.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeWritableDirectory } from "../../report/directories.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxState } from "../sandbox-files.ts";

/** Indexes and packages in the sandbox: apk has one directory for both. */
export const CACHE = "/var/cache/apk";

export const KEYS = "/etc/apk/keys";
export const REPOSITORIES = "/etc/apk/repositories";

/** Where a tree has the list of what is installed in it; older ones have it in /lib, which is a link. */
export const INSTALLED = "usr/lib/apk/db/installed";

export interface ApkCache {
  readonly directory: string;
  /** Lock file: who changes the directory holds it. */
  readonly lock: string;
}

/** The cache of a context: one for each set of repositories. */
export function apkCache(context: PackageContext): ApkCache {
  const { distribution, release } = context.image.config;
  const set = createHash("sha256")
    .update(JSON.stringify([context.repositories, sandboxState(context, ["etc/apk"])]))
    .digest("hex")
    .slice(0, 12);
  const directory = join(context.packageCache, "apk", `${distribution}~${release}~${context.architecture}~${set}`);
  return { directory, lock: `${directory}.lock` };
}

export function prepareCache({ directory }: ApkCache): void {
  makeWritableDirectory(directory, "PackageCacheDirectory=");
}
