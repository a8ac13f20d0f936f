// `mkosi diff`: what is different between two images. Its exit status is diff(1)'s: 0 when nothing is, 1 when something is.

import { differenceOf, isEmpty } from "../inspect/difference.ts";
import { differenceText } from "../inspect/difference-text.ts";
import { differencePage } from "../inspect/page-data.ts";
import { openImage } from "../inspect/read.ts";
import { ExitStatus, Failure } from "../report/failure.ts";
import { outputStyle, outputWidth } from "../report/print.ts";
import { inspecting } from "./inspecting.ts";
import { writePage } from "./page-file.ts";
import { page } from "./pager.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    const count = args.verbArguments.length;
    if (count !== 2) {
      throw new Failure(`diff compares two images, and ${count === 0 ? "none is" : `${count} are`} named`, {
        remedy: "Name the older one and the newer one: mkosi diff OLD NEW.",
      });
    }
    const difference = await inspecting(invocation, async (context, [older = "", newer = ""]) => {
      await using from = await openImage(context, older);
      await using to = await openImage(context, newer);
      const found = await differenceOf(from, to);
      if (args.html !== undefined)
        await writePage(args.html, differencePage(found, [from.contents.path, to.contents.path]));
      return found;
    });
    if (args.html !== undefined) {
      // the page has it all
    } else if (args.json) await page(JSON.stringify(difference, undefined, 2), args.pager);
    else if (isEmpty(difference)) await page("No differences.", args.pager);
    else await page(differenceText(difference, { style: outputStyle(), width: outputWidth() }), args.pager);
    if (!isEmpty(difference)) throw new ExitStatus(1);
  },
};
