// Everything that an image needs is solved for and downloaded before the first package is installed: the base system
// against nothing, the rest against a database that has the base system, as it will be when it is installed.

import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { emptyTree } from "./empty-tree.ts";
import { planInstallation } from "./plan.ts";

/** What makes a base system: all packages marked essential, and the one that has the directories. */
export const BASE_PACKAGES: readonly PackageRequest[] = ["?essential", "base-files"].map((spec) => ({ spec, setting: undefined, origin: undefined }));

/** Solves and downloads. @throws {Failure} naming every package that does not exist and where it was asked for */
export async function fetchPackages(context: PackageContext, requests: readonly PackageRequest[]): Promise<void> {
  const wanted = requests.filter(({ setting }) => setting !== undefined);
  const withBase = wanted.length < requests.length;
  const status = withBase ? await statusOf(context, (await basePlan(context)).map(packageName)) : "";
  if (wanted.length > 0) await planInstallation(context, await emptyTree(context, "packages", status), wanted);
}

/** The files of the base system inside the sandbox; solved for once for each image. */
export async function basePlan(context: PackageContext): Promise<string[]> {
  const kept = join(context.scratch, "apt-base-plan");
  const text = await readFile(kept, "utf8").catch(() => undefined);
  if (text !== undefined) return text.split("\n");
  const files = await planInstallation(context, await emptyTree(context, "base"), BASE_PACKAGES);
  await writeFile(kept, files.join("\n"));
  return files;
}

/** The name of the package in a file called `name_version_architecture.deb`. */
export function packageName(file: string): string {
  return basename(file).replace(/(_.*)?\.deb$/, "");
}

/** dpkg's database as it is when the packages are installed. */
async function statusOf(context: PackageContext, names: readonly string[]): Promise<string> {
  const root = await emptyTree(context, "base");
  const argv = ["apt-cache", "show", "--no-all-versions", ...names];
  const { stdout } = await context.runner.run(aptSpec(context, { argv, root, output: "capture" }));
  return markInstalled(stdout);
}

/** Turns records of a package index into records of dpkg's status file. */
export function markInstalled(records: string): string {
  return records.replace(/^Package: .*$/gm, (line) => `${line}\nStatus: install ok installed`);
}
