// What stands at a place of a configuration file: the section it is in, and whether it is a section's name, a setting's
// name or a word of a value there. It is found from the lines above, so that a half-typed file has places, too.

import { basename, dirname } from "node:path";
import { unindented } from "../config/ini.ts";

/** `config`: mkosi.conf and its kin; `uki`: profiles of the unified kernel image; `definition`: partitions. */
export type FileKind = "config" | "uki" | "definition";

export function kindOfFile(path: string): FileKind {
  const directory = basename(dirname(path));
  if (directory === "mkosi.repart") return "definition";
  return directory === "mkosi.uki-profiles" ? "uki" : "config";
}

export interface Place {
  readonly what: "section" | "key" | "value" | "comment";
  /** The section that the place is in; empty above the first one. */
  readonly section: string;
  /** The setting that the value is of, or whose name it is. */
  readonly key: string;
  /** The word at the place: a section without brackets, a setting's name, an element of a value without its signs. */
  readonly word: string;
  /** Where the word begins and ends in its line; counted from 0. */
  readonly start: number;
  readonly end: number;
  /** The part of the word before the place. */
  readonly before: string;
  /** Whether the word is all of its line, so that a name may get a `=`. */
  readonly alone: boolean;
}

/** The place at a line and character (both from 0, as editors count them). */
export function placeAt(text: string, kind: FileKind, line: number, character: number): Place {
  const { lines, margins } = unindented(text);
  let section = "";
  let key = "";
  for (let index = 0; index < line; index++) {
    const { content, indented } = shape(lines[index] ?? "", margins?.[index] ?? 0, kind);
    if (content === "") continue;
    if (key !== "" && (kind === "definition" ? endsOpen(lines, index - 1) : indented)) continue;
    const header = /^\[(.+)\]$/.exec(content)?.[1];
    if (header !== undefined) [section, key] = [header.trim(), ""];
    else key = content.includes("=") ? content.slice(0, content.indexOf("=")).trim() : "";
  }
  return inLine({ line: lines[line] ?? "", margin: margins?.[line] ?? 0, kind, character }, section, key, () =>
    kind === "definition" ? endsOpen(lines, line - 1) : undefined,
  );
}

interface Spot {
  readonly line: string;
  readonly margin: number;
  readonly kind: FileKind;
  readonly character: number;
}

function inLine(spot: Spot, section: string, open: string, goesOn: () => boolean | undefined): Place {
  const { line, kind, character } = spot;
  const { code, content, indented } = shape(line, spot.margin, kind);
  const base = { section, key: "", word: "", start: character, end: character, before: "", alone: false } as const;
  if (character > code.length || (kind === "definition" && /^\s*[#;]/.test(line))) return { what: "comment", ...base };
  if (open !== "" && (goesOn() ?? indented))
    return { what: "value", ...base, key: open, ...wordAt(line, 0, code, character) };
  const equals = code.indexOf("=");
  if (content.startsWith("[")) {
    const start = code.indexOf("[") + 1;
    const close = code.indexOf("]");
    const end = close < 0 ? code.trimEnd().length : close;
    return { what: "section", ...base, word: code.slice(start, end), start, end, before: code.slice(start, character) };
  }
  if (equals < 0 || character <= equals) {
    const start = code.length - code.trimStart().length;
    const end = equals < 0 ? code.trimEnd().length : code.slice(0, equals).trimEnd().length;
    const word = code.slice(start, Math.max(start, end));
    const from = Math.min(start, character);
    return {
      what: "key",
      ...base,
      key: word,
      word,
      start: from,
      end: Math.max(from, end),
      before: code.slice(from, character),
      alone: equals < 0,
    };
  }
  const key = code.slice(0, equals).trim();
  return { what: "value", ...base, key, ...wordAt(line, equals + 1, code, character) };
}

function shape(line: string, margin: number, kind: FileKind): { code: string; content: string; indented: boolean } {
  const hash = kind === "definition" ? -1 : line.indexOf("#");
  const code = hash < 0 ? line : line.slice(0, hash);
  const content = kind === "definition" && /^\s*[#;]/.test(line) ? "" : code.trim();
  return { code, content, indented: /^\s/.test(code.slice(margin)) };
}

/** Whether a line of systemd's dialect goes on in the next one. */
function endsOpen(lines: readonly string[], index: number): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(lines[index] ?? "");
}

/** The element of a value around a character, without the signs of conditions. */
function wordAt(
  line: string,
  from: number,
  code: string,
  character: number,
): Pick<Place, "word" | "start" | "end" | "before"> {
  const isEnd = (char: string | undefined): boolean => char === undefined || /[\s,]/.test(char);
  let start = character;
  while (start > from && !isEnd(line[start - 1])) start--;
  let end = character;
  while (end < code.length && !isEnd(line[end])) end++;
  while (start < end && /[|!]/.test(line[start] ?? "")) start++;
  return { word: line.slice(start, end), start, end, before: line.slice(start, Math.max(start, character)) };
}
