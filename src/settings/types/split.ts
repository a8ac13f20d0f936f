// How the text of a collection falls apart into its elements: at commas and white space, at blanks, or with
// quotes and backslashes as a shell does.

import { SPACES } from "../../formats/white-space.ts";
import { ValueError } from "./value.ts";

export interface Piece {
  readonly text: string;
  /** Where in the whole text it starts. */
  readonly offset: number;
}

const COMMA_PIECE = new RegExp(`[^${SPACES},]+`, "g");

/** At commas and any white space; a run of them counts once. */
export function splitAtCommas(text: string): Piece[] {
  return matches(text, COMMA_PIECE);
}

/** At blanks and line ends. */
export function splitAtBlanks(text: string): Piece[] {
  return matches(text, /[^ \n]+/g);
}

/** At line ends. */
export function splitAtLines(text: string): Piece[] {
  return matches(text, /[^\n]+/g);
}

function matches(text: string, pattern: RegExp): Piece[] {
  const pieces: Piece[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text))
    pieces.push({ text: match[0], offset: match.index });
  return pieces;
}

/**
 * At blanks and line ends outside of quotes. Double quotes keep backslashes except before `"` and `\`, single quotes
 * keep everything; `''` is an empty element.
 * @throws {ValueError} when a quote is not closed or the text ends in a backslash
 */
export function splitQuoted(text: string): Piece[] {
  const pieces: Piece[] = [];
  let start = -1;
  let word = "";
  let quote = "";
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? "";
    if (quote === "" && (char === " " || char === "\n")) {
      if (start >= 0) pieces.push({ text: word, offset: start });
      start = -1;
      word = "";
      continue;
    }
    if (start < 0) start = index;
    if (quote !== "" && char === quote) quote = "";
    else if (char === "\\" && quote !== "'") {
      const next = text[++index];
      if (next === undefined) {
        throw new ValueError("a backslash at the end has nothing to escape", {
          offset: index - 1,
          remedy: "Write two backslashes for one.",
        });
      }
      word += quote === '"' && next !== '"' && next !== "\\" ? char + next : next;
    } else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else word += char;
  }
  if (quote !== "")
    throw new ValueError(`a quote (${quote}) is not closed`, {
      offset: start,
      remedy: "Close it, or put a backslash before it.",
    });
  if (start >= 0) pieces.push({ text: word, offset: start });
  return pieces;
}
