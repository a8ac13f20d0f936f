// `mkosi help`: everything the command line takes.

import { helpText } from "../cli/help.ts";
import { outputStyle, outputWidth } from "../report/print.ts";
import { page } from "./pager.ts";
import { hasVerb } from "./registry.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    await page(helpText(outputStyle(), hasVerb, outputWidth()), args.pager);
  },
};
