// `mkosi lsp`: the language server, for editors. It talks on standard input and output and ends when the editor does.

import { serve } from "../editor/server.ts";
import { remembering } from "../editor/projects.ts";
import { standardStreams } from "../report/streams.ts";
import { runFile } from "../sandbox/run-file.ts";
import { userCache } from "../sandbox/workspace.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: false,
  async run({ machine }) {
    const { environment } = machine;
    serve({
      ...standardStreams(),
      machine: remembering(machine, (argv, directory, timeout) => runFile(argv, directory, environment, timeout)),
      packageCache: userCache(process.getuid?.() ?? 0),
    });
    // the library ends the process when the editor says so, or is gone
    await new Promise<never>(() => {});
  },
};
