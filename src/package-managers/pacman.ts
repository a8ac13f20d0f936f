// pacman, for Arch Linux. The parts are in pacman/, one for each thing that a build asks for.

import type { PackageManager } from "./manager.ts";
import { bootstrapTree, fetchPackages, installRequests, removePackages } from "./pacman/install.ts";
import { installedPackages } from "./pacman/installed.ts";
import { scriptTools } from "./pacman/script-tools.ts";
import { databaseState, syncDatabases } from "./pacman/sync.ts";

export const pacman: PackageManager = {
  name: "pacman",
  packageExtensions: [".pkg.tar", ".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar.bz2"],
  programs: ["pacman", "pacman-key", "repo-add", "gpg"],
  sync: syncDatabases,
  state: databaseState,
  fetch: fetchPackages,
  bootstrap: bootstrapTree,
  install: installRequests,
  remove: removePackages,
  scriptTools,
  installed: (_context, root) => installedPackages(root),
  metadata: [{ program: "pacman", paths: ["var/lib/pacman", "var/cache/pacman"] }],
};
