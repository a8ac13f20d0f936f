// What stands in for a package manager where trees are made from other things than packages (Distribution=custom).

import type { PackageManager } from "./manager.ts";

async function nothing(): Promise<void> {}

export const none: PackageManager = {
  name: "none",
  packageExtensions: [],
  programs: ["tar"],
  sync: nothing,
  state: async () => "",
  fetch: nothing,
  bootstrap: nothing,
  install: nothing,
  remove: nothing,
  scriptTools: () => ({
    mounts: [],
    onTree: {},
    verbs: {},
  }),
  installed: async () => [],
  metadata: [],
};
