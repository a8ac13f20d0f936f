// What stands in for a package manager where trees are made from other things than packages (Distribution=custom).

import type { PackageManager } from "./manager.ts";

const REFUSAL = `sh -c 'echo "Distribution=custom has no package manager" >&2; exit 1' --`;

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
    verbs: {
      "mkosi-install": REFUSAL,
      "mkosi-upgrade": REFUSAL,
      "mkosi-remove": REFUSAL,
      "mkosi-reinstall": REFUSAL,
    },
  }),
  installed: async () => [],
  metadata: [],
};
