// The list of installed packages for ManifestFormat=, read while the package manager's database is still there. What the
// base trees have already is not in it.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../../package-managers/manager.ts";
import type { Step } from "../pipeline.ts";

const LIST = "packages.json";

export const manifest: Step = {
  title: "Listing packages",
  applies: ({ image }) => image.config.manifestFormat.length > 0,
  async run(context) {
    const inBase = new Set<string>();
    for (const path of context.base)
      for (const known of await context.packageManager.installed(context, path)) inBase.add(identity(known));
    const packages = (await context.packageManager.installed(context, context.root)).filter(
      (each) => !inBase.has(identity(each)),
    );
    await writeFile(join(context.notes, LIST), JSON.stringify(packages));
  },
};

function identity({ name, version, architecture }: InstalledPackage): string {
  return `${name} ${version} ${architecture}`;
}

/** What the step has found; nothing where no manifest is wanted. @param notes of all steps */
export async function readPackageList(notes: readonly string[]): Promise<readonly InstalledPackage[]> {
  const path = notes.map((each) => join(each, LIST)).find((list) => existsSync(list));
  return path === undefined ? [] : (JSON.parse(await readFile(path, "utf8")) as InstalledPackage[]);
}
