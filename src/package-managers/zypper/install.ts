// Solves, downloads, installs and removes.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { type Mount, toolboxRoot } from "../../sandbox/spec.ts";
import { isPackageFile, isPackageUrl } from "../../settings/types/package.ts";
import { prepareMountPoints } from "../../tools/mount-points.ts";
import { emptyTree } from "../empty-tree.ts";
import { requestArguments, requestMounts } from "../given-files.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { withRetries } from "../retry.ts";
import { explained } from "../rpm/explain.ts";
import { rpmCache } from "../rpm/layout.ts";
import { LOCAL, localRepository } from "../rpm/local-repository.ts";
import { isPassing } from "../rpm/retry.ts";
import { zypperSpec } from "./command.ts";
import { importKeys } from "./keys.ts";

/** Solves for an empty system and downloads. @throws {Failure} naming every package that cannot be had */
export async function fetchPackages(context: PackageContext, requests: readonly PackageRequest[]): Promise<void> {
  const root = await emptyTree(context, "rpm", `plan-${randomUUID()}`);
  await importKeys(context, root);
  await install(context, requests, { root, download: "only", scripts: false });
}

/** Makes the base system in a tree that is empty or has a skeleton. @throws {Failure} */
export async function bootstrapTree(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
): Promise<void> {
  await importKeys(context, root);
  // what has the directories /proc and /sys sets their owners and modes, so nothing may be mounted there
  await install(context, requests, { root, download: "in-advance", scripts: false });
  await removeTraces(root);
}

/** Installs requests on top of what the tree has. @throws {Failure} when a request cannot be had or installed */
export async function installRequests(
  context: PackageContext,
  root: string,
  requests: readonly PackageRequest[],
): Promise<void> {
  await prepareMountPoints(root);
  await install(context, requests, { root, download: "in-advance", scripts: true });
  await removeTraces(root);
}

/** Removes packages and those that only they needed; one that is not installed is removed already. @throws {Failure} */
export async function removePackages(
  context: PackageContext,
  root: string,
  packages: readonly string[],
): Promise<void> {
  if (packages.length === 0) return;
  await prepareMountPoints(root);
  const requests = packages.map((spec) => ({
    spec,
    setting: "RemovePackages",
    origin: context.image.origin("removePackages", spec),
  }));
  const argv = ["--ignore-unknown", "remove", "--clean-deps", ...packages];
  await explained(context, requests, () => context.runner.run(zypperSpec(context, { argv, root, scripts: true })));
  await removeTraces(root);
}

/** When it only downloads, zypper calls it a success if a package could not be had; its output knows better. */
const STRICT = `"$@" | tee /tmp/output
status=\${PIPESTATUS[0]}
[ "$status" = 0 ] || exit "$status"
! grep --quiet --ignore-case 'Preloading: .*\\[[^]]*\\(error\\|failed\\|not found\\|time.\\?out\\|refused\\)' /tmp/output || exit 8`;

interface Installation {
  readonly root: string;
  readonly download: "only" | "in-advance";
  readonly scripts: boolean;
}

async function install(
  context: PackageContext,
  requests: readonly PackageRequest[],
  { root, download, scripts }: Installation,
): Promise<void> {
  const local = await localRepository(context);
  const { withRecommends, cacheOnly } = context.image.config;
  const network = cacheOnly !== "always";
  const given = requests.filter(({ spec }) => isPackageFile(spec) || isPackageUrl(spec));
  const argv = [
    ...["install", "--download", download],
    withRecommends ? "--recommends" : "--no-recommends",
    "--force-resolution",
    ...(local.length === 0 && given.length === 0 ? [] : ["--allow-downgrade", "--oldpackage"]),
    // who names a file trusts it; it says nothing of packages of repositories
    ...(given.length === 0 ? [] : ["--allow-unsigned-rpm"]),
    ...requestArguments(requests, [".rpm"]),
  ];
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  await withLock(
    rpmCache(context, "zypper").lock,
    async () => {
      if (local.length > 0) await refreshLocal(context, root, local);
      const spec = zypperSpec(context, {
        argv,
        root,
        scripts,
        network,
        mounts: [...requestMounts(requests), ...(scripts ? [] : withoutMount(context))],
        ...withLocal(local),
      });
      const wrapped = download === "only" ? { ...spec, argv: ["bash", "-c", STRICT, "zypper", ...spec.argv] } : spec;
      const run = () => context.runner.run(wrapped);
      await explained(
        context,
        requests,
        () => (network && download === "only" ? withRetries(context.report, isPassing, run) : run()),
        () => availableNames(context, root),
      );
    },
    { onWait },
  );
}

/** Names of all packages that the repositories have. */
async function availableNames(context: PackageContext, root: string): Promise<readonly string[]> {
  const spec = zypperSpec(context, { argv: ["search", "--type=package"], root, output: "capture" });
  const { stdout } = await context.runner.run({ ...spec, argv: spec.argv.toSpliced(1, 0, "--xmlout") });
  return [...new Set([...stdout.matchAll(/<solvable [^>]*name="([^"]+)"/g)].map(([, name = ""]) => name))];
}

/**
 * zypper itself would mount /proc in the tree, whose owner rpm sets next, which nobody but the machine's root may do.
 * It goes on without where it cannot.
 */
function withoutMount({ toolbox }: PackageContext): Mount[] {
  const program = "/usr/bin/mount";
  return existsSync(join(toolboxRoot(toolbox), program)) ? [{ type: "file", content: "", target: program }] : [];
}

function withLocal(local: readonly Mount[]): { readonly local?: readonly Mount[] } {
  return local.length === 0 ? {} : { local };
}

/** zypper keeps what it has read of a repository, whatever has become of it. */
async function refreshLocal(context: PackageContext, root: string, local: readonly Mount[]): Promise<void> {
  await context.runner.run(zypperSpec(context, { argv: ["refresh", "--force", LOCAL], root, local }));
}

/** What zypper leaves in a tree that nobody needs: what it has read of the tree itself. */
async function removeTraces(root: string): Promise<void> {
  await rm(join(root, "var/cache/zypp/solv/@System"), { recursive: true, force: true });
}
