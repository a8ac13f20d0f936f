// The directories in which packages are kept once they were downloaded. Who builds has a shared lock on them, so that
// nobody removes a package that is being installed.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../config/project.ts";
import type { PackageManager } from "../package-managers/manager.ts";
import { makeWritableDirectory } from "../report/directories.ts";
import { holdLock, takeLock, tryLock } from "../sandbox/lock.ts";
import type { ImageBuild } from "./image-build.ts";
import type { Workshop } from "./workshop.ts";

/** The package managers' directories in a package cache. */
const PACKAGE_CACHES: readonly PackageManager["name"][] = ["apt", "dnf", "zypper", "pacman", "apk"];

/** What there is of downloaded packages and of repositories' metadata for a project's images. */
export function packageCachesOf({ images }: Pick<Project, "images">, cache: string): readonly string[] {
  const directories = images.map(({ config }) => config.packageCacheDirectory ?? cache);
  return [...new Set(directories)]
    .flatMap((directory) => PACKAGE_CACHES.map((name) => join(directory, name)))
    .filter((path) => existsSync(path));
}

/** Until this process ends, nobody empties the package cache that an image is built with. */
export async function usePackageCache({
  image,
  packageCache,
  packageManager: { name },
}: Pick<ImageBuild, "image" | "packageCache"> & {
  readonly packageManager: Pick<PackageManager, "name">;
}): Promise<void> {
  if (name === "none") return;
  makeWritableDirectory(packageCache, "PackageCacheDirectory=", image.origin("packageCacheDirectory"));
  await holdLock(lockOf(join(packageCache, name)));
}

/** Removes one of packageCachesOf(). @returns false when somebody uses it */
export async function removePackageCache(path: string): Promise<boolean> {
  await using lock = await tryLock(lockOf(path));
  if (lock === undefined) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}

/** Removes all of them, as soon as nobody uses them. */
export async function emptyPackageCaches(project: Project, { cache, say, signal }: Workshop): Promise<void> {
  for (const path of packageCachesOf(project, cache)) {
    const onWait = () => say(`Waiting for another mkosi that uses the packages in ${path}`);
    await using _alone = await takeLock(lockOf(path), { onWait, signal });
    await rm(path, { recursive: true, force: true });
  }
}

function lockOf(path: string): string {
  return `${path}.lock`;
}
