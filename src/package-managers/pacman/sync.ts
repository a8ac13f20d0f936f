// The repositories' databases: fetched once a run of the program for each set of repositories, whoever asks first.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { emptyTree } from "../empty-tree.ts";
import type { PackageContext } from "../manager.ts";
import { refuseProxyCertificate } from "../proxy-authority.ts";
import { withRetries } from "../retry.ts";
import { staysAsItIs, syncOnce } from "../sync-once.ts";
import { databaseFiles, pacmanSpec } from "./command.ts";
import { explained, NO_LOOKS } from "./explain.ts";
import { isPassing } from "./failures.ts";
import { populatedKeyring, refreshKeyring } from "./keyring.ts";
import { pacmanCache, prepareCache } from "./layout.ts";

/** Brings the databases of the context's repositories up to date. @throws {Failure} when a repository cannot be reached or verified */
export async function syncDatabases(context: PackageContext): Promise<void> {
  refuseProxyCertificate(context, "pacman");
  const { databases } = pacmanCache(context);
  await syncOnce(databases, () => update(context));
}

async function update(context: PackageContext): Promise<void> {
  const cache = pacmanCache(context);
  prepareCache(cache);
  if (staysAsItIs(context, { name: "databases", isThere: () => databaseFiles(cache.databases).length > 0 })) return;
  await refreshKeyring(context);
  const keyring = await populatedKeyring(context);
  const root = await emptyTree(context, "pacman", "sync");
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
