// `mkosi help`: everything the command line takes.

import { helpText } from "../cli/help.ts";
import { outputStyle, outputWidth, print } from "../report/print.ts";
import { hasVerb } from "./registry.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run() {
    print(helpText(outputStyle(), hasVerb, outputWidth()));
  },
};
