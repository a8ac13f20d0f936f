// `mkosi dependencies`: the packages with which this machine could build images without a tools tree.

import { parseCommandLine } from "../cli/argv.ts";
import { mainImage } from "../config/project.ts";
import { print } from "../report/print.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args, ofOptions }) {
    // They are those of a tools tree of this machine's distribution, and what follows are options of it.
    const line = ["--include=mkosi-tools", ...args.verbArguments, "build"];
    const { config } = mainImage(await ofOptions(parseCommandLine(line, process.cwd()).args.assignments));
    print([...new Set(config.packages)].toSorted().join("\n"));
  },
};
