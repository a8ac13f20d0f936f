// `mkosi summary`: what is configured, for a person or (--json) for a program.

import { formatJson, projectJson } from "../config/json.ts";
import { summaryText } from "../config/summary-text.ts";
import { outputStyle } from "../report/print.ts";
import { page } from "./pager.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const loaded = await project();
    await page(args.json ? formatJson(projectJson(loaded)) : summaryText(loaded, outputStyle()), args.pager);
  },
};
