// Installs packages in a tree and removes them from it.

import { withLock } from "../../sandbox/lock.ts";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import { emptyTree } from "../empty-tree.ts";
import { refuseFiles } from "../given-files.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { mergeUsr } from "../usr-merge.ts";
import { apkSpec, KEEP_INDEXES } from "./command.ts";
import { explained, isPassing } from "./failures.ts";
import { installedPackages } from "./installed.ts";
import { apkCache, prepareCache } from "./layout.ts";
import { makeLocalRepository } from "./local-repository.ts";

/** Solves against nothing. apk downloads when it installs. @throws {Failure} naming every package that does not exist */
export async function fetchPackages(context: PackageContext, requests: readonly PackageRequest[]): Promise<void> {
  await add(context, await emptyTree(context, "apk", "fetch"), requests, ["--simulate"]);
}

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(
  context: PackageContext,
  root: string,
  base: readonly PackageRequest[],
): Promise<void> {
  await mergeUsr(root, context.architecture);
  await add(context, root, base);
}

/** Installs requests on top of what the tree has. @throws {Failure} when a request cannot be had, or a package cannot be installed */
export async function installRequests(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
): Promise<void> {
  await add(context, root, requests);
}

async function add(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
  options: readonly string[] = [],
): Promise<void> {
  if (requests.length === 0) return;
  refuseFiles(requests, "apk");
  const cache = apkCache(context);
  prepareCache(cache);
  const scripts = !options.includes("--simulate");
  if (scripts) await prepareMountPoints(root);
  const network = context.image.config.cacheOnly !== "always";
  const offline = network ? [] : ["--no-network"];
  const names = requests.map(({ spec }) => spec);
  const spec = apkSpec(context, {
    arguments: [...KEEP_INDEXES, ...offline, "add", "--initdb", "--upgrade", ...options, ...names],
    root,
    local: await makeLocalRepository(context),
    network,
    scripts,
  });
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  const run = () => context.runner.run(spec);
  // A tree in which an installation has failed half-way is not tried again.
  const attempt = () => (scripts ? run() : withRetries(context.report, isPassing, run));
  await withLock(cache.lock, () => explained(context, requests, attempt), { onWait });
}

/** Removes packages that are there, and those that only they needed. */
export async function removePackages(
  context: PackageContext,
  root: string,
  packages: readonly string[],
): Promise<void> {
  const names = new Set((await installedPackages(root)).map(({ name }) => name));
  const present = packages.filter((name) => names.has(name));
  if (present.length === 0) return;
  await prepareMountPoints(root);
  prepareCache(apkCache(context));
  const spec = apkSpec(context, { arguments: [...KEEP_INDEXES, "del", ...present], root, scripts: true });
  await explained(context, [], () => context.runner.run(spec));
}
