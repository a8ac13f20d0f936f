// `mkosi inspect`: what an image consists of, whoever has made it.

import { contentsJson } from "../inspect/json.ts";
import { ownersOf } from "../inspect/owners.ts";
import { contentsPage } from "../inspect/page-data.ts";
import { openImage } from "../inspect/read.ts";
import { contentsText } from "../inspect/text.ts";
import { outputStyle, outputWidth } from "../report/print.ts";
import { inspecting } from "./inspecting.ts";
import { writePage } from "./page-file.ts";
import { page } from "./pager.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    if (args.html !== undefined) {
      await inspecting(invocation, async (context, [path = ""]) => {
        await using image = await openImage(context, path);
        const { contents, root } = image;
        const owners = await ownersOf(context, root, contents);
        await writePage(args.html ?? "", contentsPage(contents, owners));
      });
      return;
    }
    const text = await inspecting(invocation, async (context, paths) => {
      const texts: string[] = [];
      const found: unknown[] = [];
      for (const path of paths) {
        await using image = await openImage(context, path);
        if (args.json) found.push(contentsJson(image.contents));
        else texts.push(contentsText(image.contents, { style: outputStyle(), width: outputWidth() }));
      }
      return args.json ? JSON.stringify(found.length === 1 ? found[0] : found, undefined, 2) : texts.join("\n\n\n");
    });
    await page(text, args.pager);
  },
};
