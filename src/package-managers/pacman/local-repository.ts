// Packages of this machine as a repository: pacman wants an index even of files that are already in its cache.

import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { bind } from "../../sandbox/spec.ts";
import { indexing, localPackageMounts, packagePlace } from "../local-packages.ts";
import type { PackageContext } from "../manager.ts";

/** The index, in the repository's directory. */
export const DATABASE_FILE = "mkosi.db.tar";

const PLACE = "/run/mkosi-repository";

/** Makes a directory with the index and links to the packages in the sandbox; undefined where there are no packages. */
export async function makeLocalRepository(context: PackageContext): Promise<string | undefined> {
  const { localPackages } = context;
  if (localPackages.length === 0) return undefined;
  const directory = join(context.scratch, "pacman", "repository");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const argv = ["repo-add", "--quiet", `${PLACE}/${DATABASE_FILE}`, ...localPackages.map(packagePlace)];
  const mounts = [bind(directory, PLACE), ...localPackageMounts(context)];
  const spec = { argv, base: { kind: "tools", toolbox: context.toolbox }, mounts } as const;
  await indexing(context, () => context.runner.run(spec));
  for (const path of localPackages) await symlink(packagePlace(path), join(directory, basename(path)));
  return directory;
}
