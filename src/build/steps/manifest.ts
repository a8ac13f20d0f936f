// The list of installed packages for ManifestFormat=, read while the package manager's database is still there.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../../package-managers/manager.ts";
import type { ImageContext } from "../../tools/context.ts";
import type { Step } from "../pipeline.ts";

export const manifest: Step = {
  title: "Listing packages",
  applies: manifestWanted,
  async run(context) {
    const packages = await context.packageManager.installed(context, context.root);
    await writeFile(listPath(context), JSON.stringify(packages));
  },
};

/** What the step has found; nothing where no manifest is wanted. */
export async function readPackageList(context: ImageContext): Promise<readonly InstalledPackage[]> {
  if (!manifestWanted(context)) return [];
  return JSON.parse(await readFile(listPath(context), "utf8")) as InstalledPackage[];
}

function manifestWanted({ image }: ImageContext): boolean {
  return image.config.manifestFormat.length > 0;
}

function listPath(context: ImageContext): string {
  return join(context.scratch, "packages.json");
}
