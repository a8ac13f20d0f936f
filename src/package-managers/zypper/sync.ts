// Repository metadata of zypper.

import type { PackageContext } from "../manager.ts";
import { refuseProxyCertificate } from "../proxy-authority.ts";
import { rpmCache } from "../rpm/layout.ts";
import { syncCache } from "../rpm/synced.ts";
import { zypperSpec } from "./command.ts";
import { importKeys } from "./keys.ts";

/** Brings the metadata of the context's repositories up to date. @throws {Failure} when a repository cannot be had */
export async function syncMetadata(context: PackageContext): Promise<void> {
  refuseProxyCertificate(context, "zypper");
  await syncCache(context, rpmCache(context, "zypper"), async (root) => {
    await importKeys(context, root);
    await context.runner.run(zypperSpec(context, { argv: ["refresh"], root, network: true }));
  });
}
