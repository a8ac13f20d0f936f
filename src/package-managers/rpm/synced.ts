// Brings the repository metadata of dnf and zypper up to date, and says when it has changed.

import { makeWritableDirectory } from "../../report/directories.ts";
import { withLock } from "../../sandbox/lock.ts";
import { emptyTree } from "../empty-tree.ts";
import type { PackageContext } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { staysAsItIs, syncOnce } from "../sync-once.ts";
import { explained } from "./explain.ts";
import { fetchKeys } from "./fetched-keys.ts";
import { hostKeysState } from "./keys.ts";
import { metadataDigest, metadataFiles, type RpmCache } from "./layout.ts";
import { LOCAL } from "./local-repository.ts";
import { isPassing } from "./retry.ts";

/**
 * Brings a cache up to date, unless that has been done or is being done.
 * @param refresh runs the package manager, on an empty tree
 * @param parts what of the metadata that brings, if not always the same
 * @throws {Failure} when a repository cannot be had
 */
export async function syncCache(
  context: PackageContext,
  cache: RpmCache,
  refresh: (root: string) => Promise<unknown>,
  parts = "",
): Promise<void> {
  await syncOnce(`${cache.directory} ${parts}`, () => update(context, cache, refresh));
}

async function update(
  context: PackageContext,
  { directory, lock }: RpmCache,
  refresh: (root: string) => Promise<unknown>,
): Promise<void> {
  makeWritableDirectory(directory, "PackageCacheDirectory=");
  if (staysAsItIs(context, { name: "metadata", isThere: () => metadataFiles(directory, [LOCAL]).length > 0 })) return;
  await fetchKeys(context);
  const root = await emptyTree(context, "rpm", "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  const run = () => withRetries(context.report, isPassing, () => refresh(root));
  await withLock(lock, () => explained(context, [], run), { onWait });
}

/** A digest of the repositories' indexes, which have those of everything else in them, and of keys that are used. */
export async function metadataState(context: PackageContext, { directory, lock }: RpmCache): Promise<string> {
  if (metadataFiles(directory, [LOCAL]).length === 0) return "";
  // Another build may be replacing them.
  const indexes = await withLock(lock, async () => metadataDigest(directory, [LOCAL]));
  return `${indexes} ${hostKeysState(context)}`;
}
