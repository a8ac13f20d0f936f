// zypper, for openSUSE. The parts are in zypper/ and rpm/.

import type { PackageManager, PackageRequest } from "./manager.ts";
import { RPM_SETTINGS } from "./rpm/command.ts";
import { installedPackages, rpmChangelogs } from "./rpm/database.ts";
import { rpmCache } from "./rpm/layout.ts";
import { RPM_METADATA } from "./rpm/metadata.ts";
import { metadataState } from "./rpm/synced.ts";
import { LAYOUT } from "./zypper/command.ts";
import { bootstrapTree, fetchPackages, installRequests, removePackages } from "./zypper/install.ts";
import { scriptTools } from "./zypper/script-tools.ts";
import { syncMetadata } from "./zypper/sync.ts";

/** @param base what makes the base system */
export function zypper(base: readonly PackageRequest[]): PackageManager {
  return {
    name: "zypper",
    packageExtensions: [".rpm"],
    programs: ["zypper", "rpm", "createrepo_c"],
    settings: RPM_SETTINGS,
    sync: syncMetadata,
    state: (context) => metadataState(context, rpmCache(context, "zypper")),
    fetch: fetchPackages,
    bootstrap: (context, root) => bootstrapTree(context, root, base),
    install: installRequests,
    remove: removePackages,
    scriptTools,
    installed: (context, root) => installedPackages(context, root, LAYOUT),
    changelogs: (context, root, names) => rpmChangelogs(context, root, LAYOUT, names),
    metadata: RPM_METADATA,
  };
}
