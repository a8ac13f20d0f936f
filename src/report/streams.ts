// Standard input and output as they are, for what is neither text of ours nor a report: a guest's console, an editor's
// messages.

import { guard } from "./print.ts";

export interface StandardStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** A reader of the output that goes away is no error. */
export function standardStreams(): StandardStreams {
  guard(process.stdout);
  return { input: process.stdin, output: process.stdout };
}
