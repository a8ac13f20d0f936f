// The repositories' databases: fetched once a run of the program for each set of repositories, whoever asks first.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { withLock } from "../../sandbox/lock.ts";
import type { PackageContext } from "../manager.ts";
import { refuseProxyCertificate } from "../proxy-authority.ts";
import { withRetries } from "../retry.ts";
import { databaseFiles, pacmanSpec } from "./command.ts";
import { explained, isPassing, NO_LOOKS } from "./failures.ts";
import { populatedKeyring, refreshKeyring } from "./keyring.ts";
import { pacmanCache, prepareCache } from "./layout.ts";

const synced = new Map<string, Promise<void>>();

/** Brings the databases of the context's repositories up to date. @throws {Failure} when a repository cannot be reached or verified */
export async function syncDatabases(context: PackageContext): Promise<void> {
  refuseProxyCertificate(context, "pacman");
  const { databases } = pacmanCache(context);
  const running = synced.get(databases);
  if (running !== undefined) return await running;
  const work = update(context);
  synced.set(databases, work);
  // the next one tries again: an interrupted download is no answer for the rest of the program's life
  work.catch(() => synced.delete(databases));
  return await work;
}

async function update(context: PackageContext): Promise<void> {
  const cache = pacmanCache(context);
  prepareCache(cache);
  const { cacheOnly } = context.image.config;
  if (cacheOnly === "always" || cacheOnly === "metadata") {
    if (databaseFiles(cache.databases).length > 0) return;
    throw new Failure(`the package cache ${context.packageCache} has no databases of the repositories`, {
      origin: context.image.origin("cacheOnly"),
      remedy: `build once without CacheOnly=${cacheOnly}`,
    });
  }
  await refreshKeyring(context);
  const keyring = await populatedKeyring(context);
  const root = await emptyTree(context, "sync");
  const onWait = () => context.report.progress("waits for another build that updates the metadata");
  const spec = pacmanSpec(withoutLocalPackages(context), {
    arguments: ["--sync", "--refresh"],
    root,
    keyring,
    network: true,
    sync: true,
  });
  const refresh = () => withRetries(context.report, isPassing, () => context.runner.run(spec));
  await withLock(cache.databasesLock, () => explained(context, [], NO_LOOKS, refresh), { onWait });
}

/** There is no server that these could be refreshed from. */
function withoutLocalPackages(context: PackageContext): PackageContext {
  return Object.create(context, { localPackages: { value: [] } }) as PackageContext;
}

/** A digest of the databases. */
export async function databaseState(context: PackageContext): Promise<string> {
  const { databases, databasesLock } = pacmanCache(context);
  const hash = createHash("sha256");
  if (!existsSync(databases)) return hash.digest("hex");
  // Another build may be replacing them.
  return await withLock(databasesLock, async () => {
    for (const name of databaseFiles(databases)) hash.update(name).update(readFileSync(join(databases, name)));
    return hash.digest("hex");
  });
}

/** A tree in which nothing is installed, for what needs one to look at. */
export async function emptyTree(context: PackageContext, name: string): Promise<string> {
  const root = join(context.scratch, "pacman", name);
  await mkdir(root, { recursive: true });
  return root;
}
