// The repositories' indexes: fetched once a run of the program for each set of repositories, whoever asks first.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { emptyTree } from "../empty-tree.ts";
import type { PackageContext } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { staysAsItIs, syncOnce } from "../sync-once.ts";
import { apkSpec, KEEP_INDEXES } from "./command.ts";
import { explained, isPassing } from "./failures.ts";
import { apkCache, prepareCache } from "./layout.ts";

/** Brings the indexes of the context's repositories up to date. @throws {Failure} when a repository cannot be reached or verified */
export async function syncIndexes(context: PackageContext): Promise<void> {
  const { directory } = apkCache(context);
  await syncOnce(directory, () => update(context));
}

async function update(context: PackageContext): Promise<void> {
  const cache = apkCache(context);
  prepareCache(cache);
  if (staysAsItIs(context, { name: "indexes", isThere: () => indexes(cache.directory).length > 0 })) return;
  const root = await emptyTree(context, "apk", "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  const run = (args: readonly string[]) =>
    withRetries(context.report, isPassing, () =>
      context.runner.run(apkSpec(context, { arguments: args, root, network: true })),
    );
  const refresh = async () => {
    await run([...KEEP_INDEXES, "add", "--initdb"]);
    await run(["update"]);
  };
  await withLock(cache.lock, () => explained(context, [], refresh), { onWait });
}

/** A digest of the indexes. */
export async function indexState(context: PackageContext): Promise<string> {
  const { directory, lock } = apkCache(context);
  const hash = createHash("sha256");
  if (!existsSync(directory)) return hash.digest("hex");
  // Another build may be replacing them.
  return await withLock(lock, async () => {
    for (const name of indexes(directory)) hash.update(name).update(readFileSync(join(directory, name)));
    return hash.digest("hex");
  });
}

function indexes(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /^APKINDEX\..*\.tar\.gz$/.test(name))
    .toSorted();
}
