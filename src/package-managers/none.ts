// No package manager, for trees that are made by other means.

import type { PackageManager } from "./manager.ts";

export const none: PackageManager = {
  name: "none",
  packageExtensions: [],
  programs: [],
  sync: async () => {},
  state: async () => "",
  fetch: async () => {},
  bootstrap: async () => {},
  install: async () => {},
  remove: async () => {},
  scriptTools: () => ({ mounts: [], onTree: {}, verbs: {} }),
  installed: async () => [],
  metadata: [],
};
