// Runs apt for requests, and turns its failure into one for a person.

import { CommandFailure } from "../../sandbox/spawn.ts";
import { unreadableFile } from "../given-files.ts";
import { damagedPackage } from "../local-packages.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explainFailure } from "./failures.ts";
import { missingPackages, type RepositoryLook } from "./missing.ts";
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
      (await missingPackages(error, context, requests, look(context))) ??
      explainFailure(error, context)
    );
  }
}

function look(context: PackageContext): RepositoryLook {
  const ask = async (...argv: string[]) => {
    const root = await scratchTree(context, "names");
    const { stdout } = await context.runner.run(aptSpec(context, { argv, root, output: "capture" }));
    return stdout.split("\n").filter((line) => line !== "");
  };
  return {
    names: () => ask("apt-cache", "pkgnames"),
    async versions(name) {
      // lines like `bash | 5.2.37-2 | http://deb.debian.org/debian trixie/main amd64 Packages`
      const versions = (await ask("apt-cache", "madison", name)).map((line) => line.split("|")[1]?.trim() ?? "");
      return [...new Set(versions)].filter((version) => version !== "");
    },
  };
}
