// Everything that an image needs is solved for and downloaded before the first package is installed: the base system
// against nothing, the rest against a database that has the base system, as it will be when it is installed.

import { basename } from "node:path";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { type InstallationPlan, planInstallation } from "./plan.ts";
import { NOTHING_INSTALLED, type PackageDatabase, scratchTree } from "./scratch-tree.ts";

/** What makes a base system: all packages marked essential, and the one that has the directories. */
export const BASE_PACKAGES: readonly PackageRequest[] = ["?essential", "base-files"].map((spec) => ({
  spec,
  setting: undefined,
  origin: undefined,
}));

/** Solves and downloads. @throws {Failure} naming every package that does not exist and where it was asked for */
export async function fetchPackages(context: PackageContext, requests: readonly PackageRequest[]): Promise<void> {
  const wanted = requests.filter(({ setting }) => setting !== undefined);
  const withBase = wanted.length < requests.length;
  const database = withBase ? databaseAfter(context, await planBase(context)) : NOTHING_INSTALLED;
  if (wanted.length > 0) await planInstallation(context, database, wanted);
}

/** The plan of the base system. */
export async function planBase(context: PackageContext): Promise<InstallationPlan> {
  return await planInstallation(context, NOTHING_INSTALLED, BASE_PACKAGES);
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** What a package file's name says, as apt calls it in its cache: `name_version_architecture.deb`, colons as %3a. */
export function parseFileName(path: string): PackageFile {
  const [name = "", version = "", architecture = ""] = basename(path, ".deb").split("_");
  return { name, version: version.replaceAll("%3a", ":"), architecture };
}

/** The database of a tree in which exactly the packages of a plan are installed, all of them because they were asked for. */
function databaseAfter(context: PackageContext, { files }: InstallationPlan): PackageDatabase {
  const packages = files.map(parseFileName);
  return {
    packages: packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`).sort(),
    extendedStates: "",
    async status() {
      const argv = ["apt-cache", "show", "--no-all-versions", ...packages.map(({ name }) => name)];
      const root = await scratchTree(context, "base");
      const { stdout } = await context.runner.run(aptSpec(context, { argv, root, output: "capture" }));
      return markInstalled(stdout);
    },
  };
}

/** Turns records of a package index into records of dpkg's status file. */
export function markInstalled(records: string): string {
  return records.replace(/^Package: .*$/gm, (line) => `${line}\nStatus: install ok installed`);
}
