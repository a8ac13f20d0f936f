// Repository metadata of dnf.

import type { PackageContext } from "../manager.ts";
import { rpmCache } from "../rpm/layout.ts";
import { syncCache } from "../rpm/synced.ts";
import { asksForPaths, type DnfLayout, dnfProgram, dnfSpec } from "./command.ts";

/** Brings the metadata of the context's repositories up to date. @throws {Failure} when a repository cannot be had */
export async function syncMetadata(context: PackageContext, layout: DnfLayout): Promise<void> {
  const argv = ["makecache", "--refresh"];
  const fileLists = asksForPaths(context);
  const refresh = (root: string) =>
    context.runner.run(dnfSpec(context, { argv, root, network: true, fileLists }, layout));
  await syncCache(context, rpmCache(context, dnfProgram(context)), refresh, fileLists ? "with file lists" : "");
}
