// apt and dpkg, for Debian and those made from it. The parts are in apt/, one for each thing that a build asks for.

import { debianChangelogs } from "../tools/changelogs.ts";
import { bootstrapTree } from "./apt/bootstrap.ts";
import { fetchPackages } from "./apt/fetch.ts";
import { installRequests, removePackages } from "./apt/install.ts";
import { installedPackages } from "./apt/installed.ts";
import { scriptTools } from "./apt/script-tools.ts";
import { metadataState, syncMetadata } from "./apt/sync.ts";
import type { PackageManager } from "./manager.ts";

export const apt: PackageManager = {
  name: "apt",
  packageExtensions: [".deb", ".ddeb"],
  programs: ["apt-get", "apt-cache", "dpkg", "dpkg-deb", "tar"],
  sync: syncMetadata,
  state: metadataState,
  fetch: fetchPackages,
  bootstrap: bootstrapTree,
  install: installRequests,
  remove: removePackages,
  scriptTools,
  installed: (_context, root) => installedPackages(root),
  changelogs: (_context, root, names) => debianChangelogs(root, names),
  metadata: [
    { program: "dpkg", paths: ["var/lib/dpkg"] },
    { program: "apt-get", paths: ["var/lib/apt", "var/cache/apt"] },
  ],
};
