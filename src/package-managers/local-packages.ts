// Packages that are files of this machine: of PackageDirectories=, or made by build scripts.

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bindReadOnly, type Mount } from "../sandbox/spec.ts";
import type { PackageContext } from "./manager.ts";

/** Where the sandbox of a package manager has them. */
export const REPOSITORY = "/repository";

/** The packages in directories, by their names: of files with the same name the last counts. */
export function packagesIn(directories: readonly string[], extensions: readonly string[]): readonly string[] {
  const files = directories
    .filter((directory) => existsSync(directory))
    .flatMap((directory) =>
      readdirSync(directory)
        .toSorted()
        .map((name) => join(directory, name)),
    )
    .filter((path) => extensions.some((extension) => path.endsWith(extension)));
  return [...new Map(files.map((path) => [basename(path), path])).values()];
}

/** Puts them into the sandbox. */
export function localPackageMounts({ localPackages }: PackageContext): readonly Mount[] {
  return localPackages.map((path) => bindReadOnly(path, packagePlace(path)));
}

/** Its path in the sandbox. */
export function packagePlace(path: string): string {
  return join(REPOSITORY, basename(path));
}

/** Changes when one of them does. */
export function localPackagesState({ localPackages }: Pick<PackageContext, "localPackages">): readonly unknown[] {
  return localPackages.map((path) => {
    const { ino, size, mtimeMs } = statSync(path);
    return [basename(path), ino, size, mtimeMs];
  });
}

/** How programs complain about a file that is no package. */
export const COMPLAINT =
  /not an? (?:rpm|package)|fail|could not|cannot|can't|problem|invalid|unsupported|error processing/i;

/** The failure for a package of this machine that a program could not make sense of; undefined when its output complains about none. */
export function damagedPackage(output: string, context: PackageContext): Failure | undefined {
  const lines = output.split("\n").filter((line) => line.includes(`${REPOSITORY}/`) && COMPLAINT.test(line));
  if (lines.length === 0) return undefined;
  for (const path of context.localPackages) {
    const line = lines.find((text) => text.includes(packagePlace(path)));
    if (line === undefined) continue;
    const { setting, origin } = namedBy(context, dirname(path));
    return new Failure(`${setting} ${path} is damaged, or no package`, {
      origin,
      excerpt: line.trim().replaceAll(packagePlace(path), path),
      remedy: "get or make the package again, or remove it from that directory",
    });
  }
  return undefined;
}

/** Runs what makes an index of the packages. @throws {Failure} naming a package that is none */
export async function indexing<T>(context: PackageContext, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw (error instanceof CommandFailure ? damagedPackage(error.output, context) : undefined) ?? error;
  }
}

/** The setting that names a directory; those that none does are what build scripts have left in $PACKAGEDIR. */
function namedBy({ image }: PackageContext, directory: string) {
  for (const [key, name] of Object.entries(SETTINGS) as [keyof typeof SETTINGS, string][]) {
    const named = image.config[key].find((path) => join(path, ".") === join(directory, "."));
    if (named !== undefined) return { setting: `${name}=:`, origin: image.origin(key, named) };
  }
  return { setting: "$PACKAGEDIR: the package", origin: undefined };
}

const SETTINGS = {
  packageDirectories: "PackageDirectories",
  volatilePackageDirectories: "VolatilePackageDirectories",
} as const;
