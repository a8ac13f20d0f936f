// The output of a program without the secrets in it, though they may be cut in two by the pieces in which it comes.

import { StringDecoder } from "node:string_decoder";
import { redact } from "./redact.ts";

export interface RedactedStream {
  /** Takes a piece; passes on the lines that it completes. */
  add(piece: Buffer): void;
  /** Passes on what is left without an end of line. */
  flush(): void;
  /** What `flush` would pass on. */
  rest(): string;
}

/**
 * Passes text on, a line's end at the latest after the line itself; a carriage return is one, too, so that progress which
 * is painted over is not held back. But for the secrets the text is the same.
 */
export function redactedStream(emit: (text: string) => void): RedactedStream {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const pass = (text: string) => {
    if (text !== "") emit(redact(text));
  };
  return {
    add(piece) {
      const text = decoder.write(piece);
      const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
      if (end > 0) {
        pass(rest + text.slice(0, end));
        rest = "";
      }
      rest += text.slice(end);
    },
    flush() {
      pass(rest + decoder.end());
      rest = "";
    },
    rest: () => redact(rest),
  };
}
