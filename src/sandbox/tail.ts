// What a program prints: passed on to the log, and its end kept for error messages. Neither gets to see secrets.

import type { Readable } from "node:stream";
import { redactedStream } from "../report/redact-stream.ts";

/** How much of a program's output is kept for error messages and parsers. */
const TAIL_LENGTH = 64 * 1024;

export interface Printed {
  /** The end of what was printed so far, at most 64 KiB. */
  tail(): string;
  /** Passes on last lines that have no end; to be called when the program has ended. */
  flush(): void;
}

/** @param streams of one program, as far as there are any @param log receives whole lines */
export function printedBy(streams: readonly (Readable | null | undefined)[], log: (text: string) => void): Printed {
  let kept = "";
  const add = (text: string) => {
    kept = (kept + text).slice(-TAIL_LENGTH);
    log(text);
  };
  const redacted = streams.flatMap((stream) => {
    if (!stream) return [];
    const each = redactedStream(add);
    stream.on("data", (piece: Buffer) => each.add(piece)).on("end", () => each.flush());
    return [each];
  });
  return {
    tail: () => (kept + redacted.map((each) => each.rest()).join("")).slice(-TAIL_LENGTH),
    flush: () => {
      for (const each of redacted) each.flush();
    },
  };
}
