// Repository metadata: fetched once a run of the program for each set of repositories, whoever asks first.

import { existsSync } from "node:fs";
import { makeWritableDirectory } from "../../report/directories.ts";
import { Failure } from "../../report/failure.ts";
import { withLock } from "../../sandbox/lock.ts";
import type { PackageContext } from "../manager.ts";
import { explained } from "../rpm/explain.ts";
import { metadataDigest, metadataFiles, rpmCache } from "../rpm/layout.ts";
import { LOCAL } from "../rpm/local-repository.ts";
import { scratchTree } from "../rpm/scratch-tree.ts";
import { type DnfLayout, dnfProgram, dnfSpec } from "./command.ts";

const synced = new Map<string, Promise<void>>();

/** Brings the metadata of the context's repositories up to date. @throws {Failure} when a repository cannot be had */
export async function syncMetadata(context: PackageContext, layout: DnfLayout): Promise<void> {
  const { directory } = rpmCache(context, dnfProgram(context));
  const running = synced.get(directory);
  if (running !== undefined) return await running;
  const work = update(context, layout);
  synced.set(directory, work);
  // the next one tries again: an interrupted download is no answer for the rest of the program's life
  work.catch(() => synced.delete(directory));
  return await work;
}

async function update(context: PackageContext, layout: DnfLayout): Promise<void> {
  const { directory, lock } = rpmCache(context, dnfProgram(context));
  makeWritableDirectory(directory, "PackageCacheDirectory=");
  const { cacheOnly } = context.image.config;
  if (cacheOnly === "always" || cacheOnly === "metadata") {
    if (metadataFiles(directory, [LOCAL]).length > 0) return;
    throw new Failure(`the package cache ${context.packageCache} has no metadata of the repositories`, {
      origin: context.image.origin("cacheOnly"),
      remedy: `build once without CacheOnly=${cacheOnly}`,
    });
  }
  const root = await scratchTree(context, "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  const argv = ["makecache", "--refresh"];
  await withLock(
    lock,
    async () => {
      await explained(context, [], () => context.runner.run(dnfSpec(context, { argv, root, network: true }, layout)));
    },
    { onWait },
  );
}

/** A digest of the repositories' indexes, which have those of everything else in them. */
export async function metadataState(context: PackageContext): Promise<string> {
  const { directory, lock } = rpmCache(context, dnfProgram(context));
  if (!existsSync(directory)) return "";
  // Another build may be replacing them.
  return await withLock(lock, async () => metadataDigest(directory, [LOCAL]));
}
