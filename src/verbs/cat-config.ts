// `mkosi cat-config`: the configuration files that apply, image by image, in the order in which they were read.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { onTerminal, outputStyle } from "../report/print.ts";
import { visible } from "../report/visible.ts";
import { page } from "./pager.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, project }) {
    const { images, tools, directory } = await project();
    const style = outputStyle();
    const all = tools === undefined ? images : [tools, ...images];
    const blocks = all.map((image) => {
      const files = image.files.map((file) => {
        const text = readFileSync(file, "utf8");
        const inside = file.startsWith(`${directory}/`) ? relative(directory, file) : file;
        return `${style("label", `# ${visible(inside)}`)}\n${onTerminal() ? visible(text) : text}`;
      });
      return [style("strong", `### IMAGE: ${visible(image.name)}`), ...files].join("\n");
    });
    await page(blocks.join("\n\n"), args.pager);
  },
};
