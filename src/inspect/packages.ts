// Which packages an image has, by whichever package manager's database is in it.

import { existsSync } from "node:fs";
import { installedPackages as apkPackages } from "../package-managers/apk/installed.ts";
import { installedPackages as debPackages } from "../package-managers/apt/installed.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import { installedPackages as pacmanPackages } from "../package-managers/pacman/installed.ts";
import { DATABASE, OLD_DATABASE, installedPackages as rpmPackages } from "../package-managers/rpm/database.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import type { ImageContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { hasTool } from "../tools/tool.ts";

/** @param root of the image's tree, in our own mount namespace */
export async function packagesOf(context: ImageContext, root: string): Promise<readonly InstalledPackage[]> {
  for (const find of [debPackages, pacmanPackages, apkPackages]) {
    const found = await find(root);
    if (found.length > 0) return found;
  }
  const database = [DATABASE, OLD_DATABASE].find((path) => existsSync(pathInside(root, path)));
  if (database === undefined || !hasTool(context.toolbox, "rpm")) return [];
  return await rpmPackages(context, root, { database }).catch((error: unknown) => {
    // A directory of that name need not be a database.
    if (error instanceof CommandFailure) return [];
    throw error;
  });
}
