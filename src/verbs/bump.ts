// `mkosi bump`: raises the version in mkosi.version for the next build.

import { keepVersion, raiseVersion } from "../config/image-version.ts";
import { print } from "../report/print.ts";
import { visible } from "../report/visible.ts";
import { runFile } from "../sandbox/run-file.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ args }) {
    const raised = raiseVersion(args, { runFile });
    await keepVersion(raised);
    const { previous, version } = raised;
    if (!args.quiet) print(visible(previous === undefined ? version : `${previous} → ${version}`));
  },
};
