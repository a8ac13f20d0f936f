// Brings repository metadata up to date: once a run of the program for each cache, whoever asks first.

import { makeWritableDirectory } from "../../report/directories.ts";
import { Failure } from "../../report/failure.ts";
import { withLock } from "../../sandbox/lock.ts";
import type { PackageContext } from "../manager.ts";
import { explained } from "./explain.ts";
import { fetchKeys } from "./fetched-keys.ts";
import { metadataDigest, metadataFiles, type RpmCache } from "./layout.ts";
import { LOCAL } from "./local-repository.ts";
import { withRetries } from "./retry.ts";
import { scratchTree } from "./scratch-tree.ts";

const synced = new Map<string, Promise<void>>();

/**
 * Brings a cache up to date, unless that has been done or is being done.
 * @param refresh runs the package manager, on an empty tree
 * @throws {Failure} when a repository cannot be had
 */
export async function syncOnce(
  context: PackageContext,
  cache: RpmCache,
  refresh: (root: string) => Promise<unknown>,
): Promise<void> {
  const running = synced.get(cache.directory);
  if (running !== undefined) return await running;
  const work = update(context, cache, refresh);
  synced.set(cache.directory, work);
  // the next one tries again: an interrupted download is no answer for the rest of the program's life
  work.catch(() => synced.delete(cache.directory));
  return await work;
}

async function update(
  context: PackageContext,
  { directory, lock }: RpmCache,
  refresh: (root: string) => Promise<unknown>,
): Promise<void> {
  makeWritableDirectory(directory, "PackageCacheDirectory=");
  const { cacheOnly } = context.image.config;
  if (cacheOnly === "always" || cacheOnly === "metadata") {
    if (metadataFiles(directory, [LOCAL]).length > 0) return;
    throw new Failure(`the package cache ${context.packageCache} has no metadata of the repositories`, {
      origin: context.image.origin("cacheOnly"),
      remedy: `build once without CacheOnly=${cacheOnly}`,
    });
  }
  await fetchKeys(context);
  const root = await scratchTree(context, "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  await withLock(lock, () => explained(context, [], () => withRetries(context, () => refresh(root))), { onWait });
}

/** A digest of the repositories' indexes, which have those of everything else in them. */
export async function metadataState({ directory, lock }: RpmCache): Promise<string> {
  if (metadataFiles(directory, [LOCAL]).length === 0) return "";
  // Another build may be replacing them.
  return await withLock(lock, async () => metadataDigest(directory, [LOCAL]));
}
