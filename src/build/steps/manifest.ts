// The list of installed packages for ManifestFormat=, read while the package manager's database is still there. What the
// base trees have already is not in it.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../../package-managers/manager.ts";
import type { StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";

const LIST = "packages.json";

export const manifest: Step = {
  title: "Listing packages",
  applies: ({ image }) => image.config.manifestFormat.length > 0,
  async run(context) {
    const inBase = new Set<string>();
    for (const path of context.base)
      for (const known of await context.packageManager.installed(context, path)) inBase.add(identity(known));
    const packages: InstalledPackage[] = (await context.packageManager.installed(context, context.root)).filter(
      (each) => !inBase.has(identity(each)),
    );
    if (context.image.config.manifestFormat.includes("changelog")) await addChangelogs(context, packages);
    await writeFile(join(context.notes, LIST), JSON.stringify(packages));
  },
};

/** One for each source: what packages are made of one source have in common. */
async function addChangelogs(context: StepContext, packages: InstalledPackage[]): Promise<void> {
  const names = packages.map(({ name }) => name);
  const changelogs = (await context.packageManager.changelogs?.(context, context.root, names)) ?? new Map();
  const seen = new Set<string>();
  for (const [index, each] of packages.entries()) {
    const source = each.source ?? each.name;
    const changelog = changelogs.get(each.name);
    if (changelog === undefined || seen.has(source)) continue;
    seen.add(source);
    packages[index] = { ...each, changelog };
  }
}

function identity({ name, version, architecture }: InstalledPackage): string {
  return `${name} ${version} ${architecture}`;
}

/** What the step has found; nothing where no manifest is wanted. @param notes of all steps */
export async function readPackageList(notes: readonly string[]): Promise<readonly InstalledPackage[]> {
  const path = notes.map((each) => join(each, LIST)).find((list) => existsSync(list));
  return path === undefined ? [] : (JSON.parse(await readFile(path, "utf8")) as InstalledPackage[]);
}
