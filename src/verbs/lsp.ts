// `mkosi lsp`: the language server, for editors. It talks on standard input and output and ends when the editor does.

import { setFlagsFromString } from "node:v8";
import { remembering } from "../editor/projects.ts";
import { serve } from "../editor/server.ts";
import { standardStreams } from "../report/streams.ts";
import { runFile } from "../sandbox/run-file.ts";
import { userCache } from "../sandbox/user-cache.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ machine }) {
    const { environment } = machine;
    // bin/mkosi lets V8 optimize late, as most verbs end soon; this one runs for hours
    setFlagsFromString(`--interrupt-budget=${132 * 1024}`);
    serve({
      ...standardStreams(),
      machine: remembering(machine, (argv, directory, timeout) => runFile(argv, directory, environment, timeout)),
      packageCache: userCache(process.getuid?.() ?? 0),
    });
    // the library ends the process when the editor says so, or is gone
    await new Promise<never>(() => {});
  },
};
