// `mkosi completion SHELL`.

import { completionScript } from "../cli/completion.ts";
import { SHELLS } from "../cli/operands.ts";
import { Failure } from "../report/failure.ts";
import { print } from "../report/print.ts";
import { hasVerb } from "./registry.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    const [wanted] = args.verbArguments;
    const shell = SHELLS.find((name) => name === wanted);
    if (shell === undefined) {
      throw new Failure(
        wanted === undefined ? "completion needs the name of a shell" : `there is no completion for ${wanted}`,
        {
          remedy: `Write mkosi completion ${SHELLS.join("|")}.`,
        },
      );
    }
    print(completionScript(shell, hasVerb));
  },
};
