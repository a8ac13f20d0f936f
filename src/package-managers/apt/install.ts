// Installs packages in a tree and removes them from it.

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explained } from "./explain.ts";
import { installedPackages } from "./installed.ts";
import { nameOf } from "./missing.ts";
import { planInstallation } from "./plan.ts";
import { watchStatus } from "./progress.ts";
import { replayPlan } from "./replay.ts";
import type { PackageDatabase } from "./scratch-tree.ts";

/**
 * Installs requests on top of what the tree has, without a network: fetchPackages() has planned and downloaded
 * everything. Only what was not asked for there (packages of a later step) is solved for and downloaded now.
 * @throws {Failure} when a request cannot be had, or a package cannot be installed
 */
export async function installRequests(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
): Promise<void> {
  const plan = await planInstallation(context, await databaseOf(root), requests);
  await prepareTree(root);
  await using _noServices = await denyServices(root);
  await replayPlan(context, root, plan, requests);
}

/** Removes packages with their configuration, and those that only they needed. @throws {Failure} when one does not exist */
export async function removePackages(
  context: PackageContext,
  root: string,
  packages: readonly string[],
): Promise<void> {
  if (packages.length === 0) return;
  await prepareTree(root);
  await using _noServices = await denyServices(root);
  // scripts of the others use its programs, which apt does not know, as dpkg is essential
  const isDpkg = (spec: string) => nameOf(spec) === "dpkg";
  for (const some of [packages.filter((spec) => !isDpkg(spec)), packages.filter(isDpkg)]) {
    if (some.length > 0) await purge(context, root, some);
  }
}

async function purge(context: PackageContext, root: string, packages: readonly string[]): Promise<void> {
  await using status = await watchStatus(context);
  const requests = packages.map((spec) => ({
    spec,
    setting: "RemovePackages",
    origin: context.image.origin("removePackages", spec),
  }));
  const argv = status.wrap(["apt-get", "purge", ...packages]);
  await explained(context, requests, () =>
    context.runner.run(aptSpec(context, { argv, root, scripts: true, mounts: [status.mount] })),
  );
}

/** The database of a tree. */
async function databaseOf(root: string): Promise<PackageDatabase> {
  const read = (path: string) => readFile(join(root, path), "utf8").catch(() => "");
  const packages = (await installedPackages(root)).map(
    ({ name, version, architecture }) => `${name} ${version} ${architecture}`,
  );
  return {
    packages,
    extendedStates: await read("var/lib/apt/extended_states"),
    status: () => read("var/lib/dpkg/status"),
  };
}

/** Makes what dpkg expects of a tree, and the mount points of its scripts. */
export async function prepareTree(root: string): Promise<void> {
  await mkdir(join(root, "var/lib/dpkg"), { recursive: true });
  for (const file of ["status", "available"]) await writeFile(join(root, "var/lib/dpkg", file), "", { flag: "a" });
  await prepareMountPoints(root);
}

/**
 * While packages are installed their services must not start. invoke-rc.d asks this program, see Debian's
 * README.policy-rc.d; one that the tree has already stays as it is.
 */
export async function denyServices(root: string): Promise<AsyncDisposable> {
  const path = join(root, "usr/sbin/policy-rc.d");
  if (existsSync(path)) return { [Symbol.asyncDispose]: async () => {} };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
