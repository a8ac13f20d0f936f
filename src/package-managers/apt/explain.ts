// Runs apt for requests, and turns its failure into one for a person.

import { CommandFailure } from "../../sandbox/spawn.ts";
import { unreadableFile } from "../given-files.ts";
import { damagedPackage } from "../local-packages.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explainFailure } from "./failures.ts";
import { missingPackages } from "./missing.ts";
import { scratchTree } from "./scratch-tree.ts";

export async function explained<T>(
  context: PackageContext,
  requests: readonly PackageRequest[],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw (
      unreadableFile(error.output, requests) ??
      damagedPackage(error.output, context) ??
      (await missingPackages(error, context, requests, () => availableNames(context))) ??
      explainFailure(error, context)
    );
  }
}

/** Names of all packages that the repositories have. */
async function availableNames(context: PackageContext): Promise<string[]> {
  const root = await scratchTree(context, "names");
  const { stdout } = await context.runner.run(
    aptSpec(context, { argv: ["apt-cache", "pkgnames"], root, output: "capture" }),
  );
  return stdout.split("\n").filter((line) => line !== "");
}
