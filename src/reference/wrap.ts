// Breaks runs of styled text into lines of a width.

import type { Style } from "../report/style.ts";
import type { Kind, Run } from "./markdown.ts";

/** A piece without blanks. */
interface Piece {
  readonly kind: Kind;
  readonly text: string;
}

/** Columns a text takes: the documentation has no characters but those of the basic plane, of one column each. */
export function widthOf(text: string): number {
  return text.length;
}

/** Styled lines that are at most `width` columns wide, unless a single word is wider. */
export function wrapRuns(runs: readonly Run[], width: number, style: Style): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = "";
    used = 0;
  };
  for (const word of wordsOf(runs)) {
    if (word === "\n") {
      flush();
      continue;
    }
    const columns = word.reduce((sum, piece) => sum + widthOf(piece.text), 0);
    if (used > 0 && used + 1 + columns > width) flush();
    if (used > 0) {
      line += " ";
      used += 1;
    }
    line += word.map((piece) => paint(piece, style)).join("");
    used += columns;
  }
  if (used > 0 || lines.length === 0) flush();
  return lines;
}

function paint({ kind, text }: Piece, style: Style): string {
  return kind === "plain" ? text : style(kind, text);
}

/** Words are pieces that must stay together; a line break is a word of its own. */
function wordsOf(runs: readonly Run[]): (Piece[] | "\n")[] {
  const words: (Piece[] | "\n")[] = [];
  let glued = false;
  for (const { kind, text } of runs) {
    if (text === "\n") {
      words.push("\n");
      glued = false;
      continue;
    }
    for (const part of text.split(/( +)/)) {
      if (part === "") continue;
      if (part.startsWith(" ")) {
        glued = false;
        continue;
      }
      const piece: Piece = { kind, text: part };
      const last = words.at(-1);
      if (glued && last !== undefined && last !== "\n") last.push(piece);
      else words.push([piece]);
      glued = true;
    }
  }
  return words;
}
