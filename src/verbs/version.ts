// --version.

import { VERSION } from "../facts/version.ts";
import { print } from "../report/print.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run() {
    print(`mkosi ${VERSION}`);
  },
};
