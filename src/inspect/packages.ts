// Which packages an image has, by whichever package manager's database is in it.

import { installedPackages as apkPackages } from "../package-managers/apk/installed.ts";
import { installedPackages as debPackages } from "../package-managers/apt/installed.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import { installedPackages as pacmanPackages } from "../package-managers/pacman/installed.ts";
import { installedPackages as rpmPackages } from "../package-managers/rpm/database.ts";
import type { ImageContext } from "../tools/context.ts";
import { fromRpm } from "./rpm.ts";

/** @param root of the image's tree, in our own mount namespace */
export async function packagesOf(context: ImageContext, root: string): Promise<readonly InstalledPackage[]> {
  for (const find of [debPackages, pacmanPackages, apkPackages]) {
    const found = await find(root);
    if (found.length > 0) return found;
  }
  return await fromRpm(context, root, rpmPackages);
}
