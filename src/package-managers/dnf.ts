// dnf, for Fedora and most other distributions of rpm packages. The parts are in dnf/ and rpm/.

import { type DnfLayout, dnfProgram } from "./dnf/command.ts";
import { bootstrapTree, fetchPackages, installRequests, removePackages } from "./dnf/install.ts";
import { scriptTools } from "./dnf/script-tools.ts";
import { syncMetadata } from "./dnf/sync.ts";
import type { PackageManager, PackageRequest } from "./manager.ts";
import { RPM_SETTINGS } from "./rpm/command.ts";
import { installedPackages, rpmChangelogs } from "./rpm/database.ts";
import { rpmCache } from "./rpm/layout.ts";
import { RPM_METADATA } from "./rpm/metadata.ts";
import { metadataState } from "./rpm/synced.ts";

/** dnf as a distribution has it. @param base what makes the base system */
export function dnf(layout: DnfLayout, base: readonly PackageRequest[]): PackageManager {
  return {
    name: "dnf",
    packageExtensions: [".rpm"],
    programs: ["dnf5|dnf", "rpm", "createrepo_c"],
    settings: RPM_SETTINGS,
    sync: (context) => syncMetadata(context, layout),
    state: (context) => metadataState(context, rpmCache(context, dnfProgram(context))),
    fetch: (context, requests) => fetchPackages(context, requests, layout),
    bootstrap: (context, root) => bootstrapTree(context, root, base, layout),
    install: (context, root, requests) => installRequests(context, root, requests, layout),
    remove: (context, root, packages) => removePackages(context, root, packages, layout),
    scriptTools: (context, root) => scriptTools(context, root, layout),
    installed: (context, root) => installedPackages(context, root, layout),
    changelogs: (context, root, names) => rpmChangelogs(context, root, layout, names),
    metadata: RPM_METADATA,
  };
}
