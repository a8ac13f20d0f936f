// Repository metadata: fetched once a run of the program for each repository set, whoever asks first.

import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { contentDigest } from "../../tools/digest.ts";
import type { PackageContext } from "../manager.ts";
import { staysAsItIs, syncOnce } from "../sync-once.ts";
import { aptSpec } from "./command.ts";
import { explainFailure } from "./failures.ts";
import { aptCache, prepareCache } from "./layout.ts";
import { scratchTree } from "./scratch-tree.ts";

/** Any repository that fails is a failure; the solver makes its cache of the lists itself, when there is something to solve. */
const UPDATE = ["apt-get", "update", "--error-on=any", "--option=pkgCacheFile::Generate=false"];

/** Brings the lists of the context's repositories up to date. @throws {Failure} when a repository cannot be reached or verified */
export async function syncMetadata(context: PackageContext): Promise<void> {
  const cache = aptCache(context);
  await syncOnce(cache.directory, () => update(context));
}

async function update(context: PackageContext): Promise<void> {
  const cache = aptCache(context);
  await prepareCache(cache);
  if (staysAsItIs(context, { name: "metadata", isThere: () => hasLists(cache.directory) })) return;
  const root = await scratchTree(context, "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  await withLock(
    cache.listsLock,
    async () => {
      try {
        await context.runner.run(aptSpec(context, { argv: UPDATE, root, network: true }));
      } catch (error) {
        throw error instanceof CommandFailure ? explainFailure(error, context) : error;
      }
    },
    { onWait },
  );
}

/**
 * A digest of the repositories' Release files, which have those of everything else in them, and of the lists of repositories
 * that have none (flat ones that are trusted).
 */
export async function metadataState(context: PackageContext): Promise<string> {
  const { directory, listsLock } = aptCache(context);
  const lists = join(directory, "lists");
  const hash = createHash("sha256");
  if (!existsSync(lists)) return hash.digest("hex");
  // Another build may be replacing them.
  return await withLock(listsLock, async () => {
    for (const name of statingFiles(readdirSync(lists))) hash.update(name).update(contentOf(join(lists, name)));
    return hash.digest("hex");
  });
}

/** Of the names of apt's lists those that tell what repositories have. */
export function statingFiles(names: readonly string[]): readonly string[] {
  const releases = names.filter((name) => name.endsWith("Release"));
  // The lists of a repository begin with the same words as its Release file.
  const covered = releases.map((name) => name.replace(/(In)?Release$/, ""));
  const isAlone = (name: string) => /_Packages(\.\w+)?$/.test(name) && !covered.some((start) => name.startsWith(start));
  return [...releases, ...names.filter(isAlone)].toSorted();
}

/** Lists of repositories on this machine are links, which lead nowhere when the repository has gone. */
function contentOf(path: string): string {
  return existsSync(path) ? contentDigest(path) : "gone";
}

function hasLists(directory: string): boolean {
  return statingFiles(readdirSync(join(directory, "lists"))).length > 0;
}
