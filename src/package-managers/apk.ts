// apk, for postmarketOS with what it takes from Alpine Linux. The parts are in apk/, one for each thing that a build asks for.

import { bootstrapTree, fetchPackages, installRequests, removePackages } from "./apk/install.ts";
import { installedPackages } from "./apk/installed.ts";
import { scriptTools } from "./apk/script-tools.ts";
import { indexState, syncIndexes } from "./apk/sync.ts";
import type { PackageManager, PackageRequest } from "./manager.ts";

/** @param base what makes the base system */
export function apkWith(base: readonly PackageRequest[]): PackageManager {
  return {
    name: "apk",
    packageExtensions: [".apk"],
    programs: ["apk", "openssl"],
    sync: syncIndexes,
    state: indexState,
    fetch: fetchPackages,
    bootstrap: (context, root) => bootstrapTree(context, root, base),
    install: installRequests,
    remove: removePackages,
    scriptTools,
    installed: (_context, root) => installedPackages(root),
    metadata: [{ program: "apk", paths: ["usr/lib/apk", "var/cache/apk"] }],
  };
}
