// The one layout that configuration files have after `mkosi fmt`: no blanks around `=`, a blank line between sections,
// eight blanks before each further line of a value. What a file means stays as it is, and so do its comments and the
// order of everything.

import { isSpaceAt, strip } from "../formats/white-space.ts";
import { CONDITION_SECTIONS } from "./conditions.ts";
import { unindented } from "./ini.ts";
import { keyByName } from "./session.ts";
import { rowOf } from "./values.ts";

const INDENT = " ".repeat(8);

/** A line of the finished layout. `blank` lines are wishes: they never come twice, nor at the ends of a section. */
export interface LaidOutLine {
  readonly kind: "section" | "comment" | "text" | "blank";
  readonly text: string;
}

interface SourceLine {
  /** Without indentation, comment and white space at the end. */
  readonly content: string;
  /** From the `#` on; empty when there is none. */
  readonly comment: string;
  readonly indented: boolean;
  /** Whether white space stands between content and comment: where none does, a reader is warned of it, and has to be. */
  readonly apart: boolean;
}

/** The text of a file of mkosi's own dialect in its layout. What is no assignment stays as it is written. */
export function layOutConfig(text: string): string {
  const { lines, margins } = unindented(text.replace(/^\ufeff/, ""));
  const sources = lines.map((line, index) => sourceLine(line, margins?.[index] ?? 0));
  const result: LaidOutLine[] = [];
  let section = "";
  let open = false;
  sources.forEach((source, index) => {
    const { content, comment, indented } = source;
    if (content === "") {
      const within = open && comment !== "" && (indented || continues(sources, index));
      result.push({ kind: comment === "" ? "blank" : "comment", text: `${within ? INDENT : ""}${comment}` });
    } else if (open && indented) {
      result.push({ kind: "text", text: `${INDENT}${withComment(content, source)}` });
    } else {
      const name = sectionName(content);
      section = name ?? section;
      const equals = content.indexOf("=");
      open = name === undefined && !content.startsWith("[") && section !== "" && equals > 0;
      if (name !== undefined) result.push({ kind: "section", text: withComment(`[${name}]`, source) });
      else if (open) result.push(...assignment(source, section, continues(sources, index)));
      else result.push({ kind: "text", text: withComment(content, source) });
    }
  });
  return joinLines(result);
}

function sourceLine(original: string, margin: number): SourceLine {
  const hash = original.indexOf("#");
  const line = (hash < 0 ? original : original.slice(0, hash)).slice(margin);
  return {
    content: strip(line),
    comment: hash < 0 ? "" : strip(original.slice(hash)),
    indented: isSpaceAt(original.slice(margin), 0),
    apart: hash > 0 && isSpaceAt(original, hash - 1),
  };
}

function sectionName(content: string): string | undefined {
  if (!content.startsWith("[") || !content.endsWith("]") || content.length < 2) return undefined;
  const name = strip(content.slice(1, -1));
  return name === "" ? undefined : name;
}

/** Whether the next line with content goes on with the value. */
function continues(sources: readonly SourceLine[], index: number): boolean {
  for (let next = index + 1; next < sources.length; next++)
    if (sources[next]?.content !== "") return sources[next]?.indented === true;
  return false;
}

function withComment(text: string, { comment, apart }: SourceLine): string {
  return `${text}${comment !== "" && apart ? " " : ""}${comment}`;
}

/** A list that goes on over further lines has all its elements there. */
function assignment(source: SourceLine, section: string, goesOn: boolean): LaidOutLine[] {
  const equals = source.content.indexOf("=");
  const key = strip(source.content.slice(0, equals));
  const value = strip(source.content.slice(equals + 1));
  const moves =
    goesOn && value !== "" && !value.startsWith("[") && !CONDITION_SECTIONS.has(section) && isPlainList(key);
  const texts = moves
    ? [`${key}=`, `${INDENT}${withComment(value, source)}`]
    : [withComment(`${key}=${value}`, source)];
  return texts.map((text) => ({ kind: "text", text }));
}

/** Whether a setting takes elements between which any white space stands, so that it does not matter which. */
function isPlainList(name: string): boolean {
  const key = keyByName.get(name);
  return key !== undefined && rowOf(key).type.separators === "commas";
}

/** Lines as a text: a blank line before each section and the comments right above it, and at most one anywhere else. */
export function joinLines(lines: readonly LaidOutLine[]): string {
  const result: string[] = [];
  let afterSection = true;
  lines.forEach(({ kind, text }, index) => {
    if (kind === "blank") {
      if (!afterSection && result.at(-1) !== "") result.push("");
      return;
    }
    if (beginsSection(lines, index) && result.length > 0 && result.at(-1) !== "") result.push("");
    result.push(text);
    afterSection = kind === "section";
  });
  while (result.at(-1) === "") result.pop();
  return result.length === 0 ? "" : `${result.join("\n")}\n`;
}

/** Whether a line is a section, or the first of the comments that stand right above one. */
function beginsSection(lines: readonly LaidOutLine[], index: number): boolean {
  if (lines[index]?.kind === "section") return lines[index - 1]?.kind !== "comment";
  if (lines[index]?.kind !== "comment" || lines[index - 1]?.kind === "comment") return false;
  let next = index;
  while (lines[next]?.kind === "comment") next++;
  return lines[next]?.kind === "section";
}
