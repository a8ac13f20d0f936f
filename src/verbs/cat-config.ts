// `mkosi cat-config`: the configuration files that apply, image by image, in the order in which they were read.

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { outputStyle } from "../report/print.ts";
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
        const inside = file.startsWith(`${directory}/`) ? relative(directory, file) : file;
        return `${style("label", `# ${inside}`)}\n${readFileSync(file, "utf8")}`;
      });
      return [style("strong", `### IMAGE: ${image.name}`), ...files].join("\n");
    });
    await page(blocks.join("\n\n"), args.pager);
  },
};
