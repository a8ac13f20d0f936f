// Lets apt solve and download, but not install: what it would hand to dpkg is the plan.

import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../../sandbox/lock.ts";
import { bind } from "../../sandbox/spec.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { emptyTree } from "./empty-tree.ts";
import { explainFailure } from "./failures.ts";
import { aptCache } from "./layout.ts";
import { missingPackages } from "./missing.ts";
import { watchStatus } from "./progress.ts";

const PLAN = "/run/mkosi-apt-plan";

/**
 * Solves for `requests` on top of what is installed in `root`, and downloads everything.
 * @returns the packages' files inside the sandbox, in the order in which apt would install them
 * @throws {Failure} when packages do not exist, exclude each other, or cannot be downloaded
 */
export async function planInstallation(context: PackageContext, root: string, requests: readonly PackageRequest[]): Promise<string[]> {
  const cache = aptCache(context);
  const plan = join(context.scratch, `apt-plan-${randomUUID()}`);
  await writeFile(plan, "");
  const onWait = () => context.report.progress("waits for another build that downloads packages");
  await withLock(
    cache.archivesLock,
    async () => {
      await using status = await watchStatus(context);
      const argv = [
        "apt-get",
        "install",
        // dpkg is not run; the hook still gets the list of files
        "--option=Debug::pkgDPkgPm=true",
        `--option=DPkg::Pre-Install-Pkgs::=cat >${PLAN}`,
        // the solver's input, compressed for a log that nobody reads
        "--option=Dir::Log::Planner=",
        ...downloadPolicy(context),
        ...requests.map(({ spec }) => spec),
      ];
      const spec = aptSpec(context, { argv: status.wrap(argv), root, network: true, mounts: [bind(plan, PLAN), status.mount] });
      await explained(context, requests, () => context.runner.run(spec));
    },
    { onWait },
  );
  return (await readFile(plan, "utf8")).split("\n").filter((line) => line !== "");
}

/** Names of all packages that the repositories have. */
export async function availableNames(context: PackageContext, root: string): Promise<string[]> {
  const { stdout } = await context.runner.run(aptSpec(context, { argv: ["apt-cache", "pkgnames"], root, output: "capture" }));
  return stdout.split("\n").filter((line) => line !== "");
}

/** Runs an apt command for requests and translates its failure for a person. */
export async function explained<T>(context: PackageContext, requests: readonly PackageRequest[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const known = async () => await availableNames(context, await emptyTree(context, "names"));
    throw (await missingPackages(error, context, requests, known)) ?? explainFailure(error, context);
  }
}

function downloadPolicy(context: PackageContext): string[] {
  return context.image.config.cacheOnly === "always" ? ["--no-download"] : [];
}
