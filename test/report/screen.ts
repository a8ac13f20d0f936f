// A terminal that understands what the progress view writes, to see what a person would see.

import { stripVTControlCharacters } from "node:util";
import type { Screen } from "../../src/report/terminal.ts";

export interface RecordedScreen extends Screen {
  /** Everything that was written. */
  written(): string;
  /** The lines that are visible, without colours; lines wider than the screen wrap. */
  visible(): string[];
}

export function recordedScreen(options: { readonly isTTY: boolean; readonly columns?: number }): RecordedScreen {
  let raw = "";
  return {
    ...options,
    write: (text: string) => (raw += text),
    written: () => raw,
    visible() {
      const lines: string[] = [];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one
      for (const part of raw.split(/(\x1b\[\d+F\x1b\[0J)/)) {
        const up = /\[(\d+)F/.exec(part);
        if (part.startsWith("\x1b[") && up !== null && part.endsWith("J")) {
          lines.splice(Math.max(0, lines.length - Number(up[1])));
          continue;
        }
        for (const line of stripVTControlCharacters(part).split("\n").slice(0, -1)) {
          const width = options.columns ?? 80;
          for (let at = 0; at === 0 || at < line.length; at += width) lines.push(line.slice(at, at + width));
        }
      }
      return lines;
    },
  };
}
