// Solves, downloads, installs and removes.

import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import { emptyTree } from "../empty-tree.ts";
import { givenFiles, requestArguments, requestMounts } from "../given-files.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { withRetries } from "../retry.ts";
import type { RpmCommand } from "../rpm/command.ts";
import { explained } from "../rpm/explain.ts";
import { rpmCache } from "../rpm/layout.ts";
import { localRepository } from "../rpm/local-repository.ts";
import { isPassing } from "../rpm/retry.ts";
import { CACHE, type DnfLayout, dnfProgram, dnfSpec, KEPT_METADATA } from "./command.ts";

/** Solves for an empty system and downloads. @throws {Failure} naming every package that cannot be had */
export async function fetchPackages(
  context: PackageContext,
  requests: readonly PackageRequest[],
  layout: DnfLayout,
): Promise<void> {
  const root = await emptyTree(context, "rpm", `plan-${randomUUID()}`);
  await runDnf(context, requests, layout, { argv: ["install", "--downloadonly"], root });
}

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
  layout: DnfLayout,
): Promise<void> {
  // what has the directories /proc and /sys sets their owners and modes, so nothing may be mounted there
  await runDnf(context, requests, layout, { argv: ["install"], root });
  await removeTraces(root);
}

/**
 * Installs requests on top of what the tree has. fetchPackages() has downloaded all of it but for what nobody asked for
 * there (packages of a later step).
 * @throws {Failure} when a request cannot be had, or a package cannot be installed
 */
export async function installRequests(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
  layout: DnfLayout,
): Promise<void> {
  await prepareMountPoints(root);
  const isLocal = context.localPackages.length > 0 || givenFiles(requests).length > 0;
  const downgrade = isLocal && dnfProgram(context) === "dnf5" ? ["--allow-downgrade"] : [];
  await runDnf(context, requests, layout, { argv: ["install", ...downgrade], root, scripts: true });
  await removeTraces(root);
}

/** Removes packages and those that only they needed; one that is not installed is removed already. @throws {Failure} */
export async function removePackages(
  context: PackageContext,
  root: string,
  packages: readonly string[],
  layout: DnfLayout,
): Promise<void> {
  if (packages.length === 0) return;
  await prepareMountPoints(root);
  const requests = packages.map((spec) => ({
    spec,
    setting: "RemovePackages",
    origin: context.image.origin("removePackages", spec),
  }));
  const argv = [...KEPT_METADATA, "remove", ...packages];
  await explained(context, requests, () => context.runner.run(dnfSpec(context, { argv, root, scripts: true }, layout)));
  await removeTraces(root);
}

async function runDnf(
  context: PackageContext,
  requests: readonly PackageRequest[],
  layout: DnfLayout,
  command: RpmCommand,
): Promise<void> {
  const local = await localRepository(context);
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  await withLock(
    rpmCache(context, dnfProgram(context)).lock,
    async () => {
      const spec = dnfSpec(
        context,
        {
          ...command,
          ...(local.length === 0 ? {} : { local }),
          argv: [...KEPT_METADATA, ...command.argv, ...requestArguments(requests, [".rpm"])],
          mounts: requestMounts(requests),
          network: context.image.config.cacheOnly !== "always",
        },
        layout,
      );
      const run = () => context.runner.run(spec);
      const downloads = spec.network === true && command.argv.includes("--downloadonly");
      await explained(
        context,
        requests,
        () => (downloads ? withRetries(context.report, isPassing, run) : run()),
        () => availableNames(context, command.root, layout),
      );
    },
    { onWait },
  );
}

/** Names of all packages and, with `@`, groups that the repositories have. */
async function availableNames(context: PackageContext, root: string, layout: DnfLayout): Promise<readonly string[]> {
  const ask = async (...own: readonly string[]) => {
    const argv = [...KEPT_METADATA, ...own];
    return (await context.runner.run(dnfSpec(context, { argv, root, output: "capture" }, layout))).stdout;
  };
  const packages = (await ask("repoquery", "--queryformat=%{name}\\n")).split(/\\n|\n/).map((line) => line.trim());
  return [...new Set([...packages, ...groupNames(await ask("group", "list", ...groupIds(context)))])];
}

/** dnf5 always lists the names that Packages= takes, dnf 4 only when it is told to, and has hidden ones as a word then. */
function groupIds(context: PackageContext): readonly string[] {
  return dnfProgram(context) === "dnf5" ? ["--hidden"] : ["--ids", "hidden"];
}

/** Of lines like `greeting  Greeting  no` (dnf5) and `   Greeting (greeting)` (dnf 4). */
export function groupNames(list: string): string[] {
  return list
    .split("\n")
    .map((line) => /^\s.*\((\S+)\)$/.exec(line.trimEnd())?.[1] ?? /^(\S+) +\S.* (?:yes|no)$/.exec(line.trimEnd())?.[1])
    .flatMap((name) => (name === undefined ? [] : [`@${name}`]));
}

/**
 * What dnf leaves in a tree that nobody needs: its log, and what it writes below the tree to the paths that the tree and
 * the cache had while it ran.
 */
async function removeTraces(root: string): Promise<void> {
  for (const path of [BUILDROOT.slice(1), CACHE.slice(1), "var/log/dnf5.log"])
    await rm(join(root, path), { recursive: true, force: true });
}
