// Packages that are files of this machine: of PackageDirectories=, or made by build scripts.

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
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
