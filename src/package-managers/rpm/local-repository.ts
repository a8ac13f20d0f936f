// Packages of this machine as a repository: createrepo_c makes its index.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bind, type Mount } from "../../sandbox/spec.ts";
import { runTool } from "../../tools/tool.ts";
import { indexing, localPackageMounts, localPackagesState, REPOSITORY } from "../local-packages.ts";
import type { PackageContext, Repository } from "../manager.ts";

/** The repository's name, which Packages= does not see. */
export const LOCAL = "mkosi-local";

/** Preferred to all others, and trusted: whoever builds has put the packages there. */
export const LOCAL_REPOSITORY: Repository = {
  id: LOCAL,
  url: `file://${REPOSITORY}`,
  options: { priority: "10" },
};

/** Makes the index, unless it is there for just these packages. @returns what puts packages and index into a sandbox */
export async function localRepository(context: PackageContext): Promise<readonly Mount[]> {
  if (context.localPackages.length === 0) return [];
  const state = createHash("sha256")
    .update(JSON.stringify(localPackagesState(context)))
    .digest("hex");
  const directory = join(context.scratch, `repository-${state.slice(0, 16)}`);
  const mounts = [bind(directory, REPOSITORY), ...localPackageMounts(context)];
  if (existsSync(join(directory, "repodata/repomd.xml"))) return mounts;
  await mkdir(directory, { recursive: true });
  // with --quiet it does not say which package is damaged
  const argv = ["createrepo_c", "--no-database", "--workers=2", REPOSITORY];
  await indexing(context, () => runTool(context, { argv, mounts }));
  return mounts;
}
