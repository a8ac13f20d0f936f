// Installs and removes packages in a tree: apt orders, dpkg unpacks and runs the maintainer scripts.

import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { type AptCommand, aptSpec, prepareMountPoints } from "./command.ts";
import { prepareDatabase } from "./empty-tree.ts";
import { explained, planInstallation } from "./plan.ts";
import { watchStatus } from "./progress.ts";

const NOT_DOWNLOADED = /Unable to fetch some archives|--no-download/;

/**
 * Installs requests on top of what the tree has. It happens without a network, from what fetch() has downloaded; only
 * what is not there yet (packages of a later step) is downloaded first.
 */
export async function installRequests(context: PackageContext, root: string, requests: readonly PackageRequest[]): Promise<void> {
  await prepareDatabase(root);
  await prepareMountPoints(root);
  await using _noServices = await denyServices(root);
  const argv = ["apt-get", "install", "--no-download", "--option=Dir::Log::Planner=", ...requests.map(({ spec }) => spec)];
  try {
    await runApt(context, { argv, root, scripts: true });
  } catch (error) {
    if (!(error instanceof CommandFailure) || !NOT_DOWNLOADED.test(error.output)) throw await translated(context, requests, error);
    await planInstallation(context, root, requests);
    await explained(context, requests, () => runApt(context, { argv, root, scripts: true }));
  }
}

/** Removes packages with their configuration, and those that only they needed. @throws {Failure} when one does not exist */
export async function removePackages(context: PackageContext, root: string, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  await prepareMountPoints(root);
  await using _noServices = await denyServices(root);
  const requests = packages.map((spec) => ({ spec, setting: "RemovePackages", origin: context.image.origin("removePackages", spec) }));
  await explained(context, requests, () =>
    runApt(context, { argv: ["apt-get", "purge", "--option=Dir::Log::Planner=", ...packages], root, scripts: true }),
  );
}

async function runApt(context: PackageContext, command: AptCommand): Promise<void> {
  await using status = await watchStatus(context);
  const spec = aptSpec(context, { ...command, argv: status.wrap(command.argv), mounts: [status.mount] });
  await context.runner.run(spec);
}

async function translated(context: PackageContext, requests: readonly PackageRequest[], error: unknown): Promise<unknown> {
  return await explained(context, requests, () => Promise.reject(error)).catch((explanation: unknown) => explanation);
}

/**
 * While packages are installed their services must not start. invoke-rc.d asks this program, see Debian's
 * README.policy-rc.d; one that the tree has already stays as it is.
 */
async function denyServices(root: string): Promise<AsyncDisposable> {
  const path = join(root, "usr/sbin/policy-rc.d");
  if (existsSync(path)) return { [Symbol.asyncDispose]: async () => {} };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
