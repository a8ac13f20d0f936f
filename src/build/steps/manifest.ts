// The list of installed packages for ManifestFormat=, read while the package manager's database is still there.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../../package-managers/manager.ts";
import type { Stack } from "../layers.ts";
import type { Step } from "../pipeline.ts";

const LIST = "packages.json";

export const manifest: Step = {
  title: "Listing packages",
  applies: ({ image }) => image.config.manifestFormat.length > 0,
  async run(context) {
    const packages = await context.packageManager.installed(context, context.root);
    await writeFile(join(context.notes, LIST), JSON.stringify(packages));
  },
};

/** What the step has found; nothing where no manifest is wanted. */
export async function readPackageList(stack: Stack): Promise<readonly InstalledPackage[]> {
  const path = stack.map(({ notes }) => join(notes, LIST)).find((list) => existsSync(list));
  return path === undefined ? [] : (JSON.parse(await readFile(path, "utf8")) as InstalledPackage[]);
}
