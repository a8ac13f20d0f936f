// The INI dialect of configuration files: sections, settings that may be given several times, values that go on over
// indented lines, comments. Every value keeps the places of its lines.

import { isSpaceAt, strip } from "../formats/white-space.ts";

/** A place in a file; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One line of a value. */
export interface ValueLine extends Position {
  readonly text: string;
  /** Where a comment begins right behind the text, which may have been meant to go on. */
  readonly cut?: Position;
}

export interface Entry extends Position {
  readonly kind: "entry";
  readonly key: string;
  /** At least one; the lines after the first are its continuation. */
  readonly lines: readonly ValueLine[];
}

export interface SyntaxProblem extends Position {
  readonly kind: "problem";
  readonly message: string;
  readonly remedy: string;
}

export interface IniSection extends Position {
  /** Empty for what stands before the first section. */
  readonly name: string;
  readonly items: readonly (Entry | SyntaxProblem)[];
}

interface OpenSection extends Position {
  readonly name: string;
  readonly items: (Entry | SyntaxProblem)[];
}

/** All ends of lines that are known as such; a form feed is one, too. */
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
/** Those that everybody knows, and the others. */
const USUAL_END = /\r\n|[\n\r]/;
const OTHER_END = /[\v\f\x1c-\x1e\x85\u2028\u2029]/;
/** White space that ends no line, and a bracket. */
const INDENTED_BRACKET = /[\t\x1f \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]\[/;

/** Splits a text into the lines that the positions count. */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Whether a text is read differently by readers that are after different sections; see parseIni. */
export function hasIndentedBracket(text: string): boolean {
  return text.includes("[", 1) && INDENTED_BRACKET.test(text);
}

/**
 * Reads a file's text. An indentation that all lines share is none; a `#` begins a comment wherever it stands.
 * Problems are items of their own, so that whoever uses the file decides whether they matter.
 * @param wanted the sections that the reader is after, if not all: what it is not after has no values, hence an
 * indented line in brackets goes on with none there, but begins a section
 */
export function parseIni(text: string, wanted?: ReadonlySet<string>): IniSection[] {
  const { lines, margins } = unindented(text);
  const sections: OpenSection[] = [{ name: "", line: 1, column: 1, items: [] }];
  let open: { entry: Entry; lines: ValueLine[] } | undefined;
  for (let index = 0; index < lines.length; index++) {
    const original = lines[index] ?? "";
    const comment = original.indexOf("#");
    const margin = margins === undefined ? 0 : (margins[index] ?? 0);
    const line = (comment < 0 ? original : original.slice(0, comment)).slice(margin);
    const content = strip(line);
    if (content === "") continue;
    const position = { line: index + 1, column: margin + line.indexOf(content) + 1 };
    const cut = comment > 0 && !isSpaceAt(original, comment - 1) ? { line: index + 1, column: comment + 1 } : undefined;
    const section = sections.at(-1) as OpenSection;
    const isUnwanted = wanted?.has(section.name) === false;
    if (open !== undefined && isSpaceAt(line, 0) && !(isUnwanted && content.startsWith("["))) {
      open.lines.push(valueLine(content, position.line, position.column, cut));
      continue;
    }
    open = undefined;
    if (content.startsWith("[")) {
      const name = strip(content.slice(1, -1));
      if (content.endsWith("]") && content.length > 1 && name !== "")
        sections.push({ name, line: position.line, column: position.column, items: [] });
      else section.items.push(badSection(content, position));
      continue;
    }
    const item = readEntry(content, position, section.name, cut);
    section.items.push(item);
    if (item.kind === "entry") open = { entry: item, lines: item.lines as ValueLine[] };
  }
  return sections.filter((section) => section.name !== "" || section.items.length > 0);
}

function readEntry(
  content: string,
  position: Position,
  section: string,
  cut: Position | undefined,
): Entry | SyntaxProblem {
  const equals = content.indexOf("=");
  if (section === "") {
    return {
      kind: "problem",
      message: `“${content}” stands before any section`,
      remedy: "Put a section such as [Content] above it.",
      ...position,
    };
  }
  if (equals < 0) {
    return {
      kind: "problem",
      message: `“${content}” has no “=”`,
      remedy: content.startsWith(";")
        ? "Comments begin with #."
        : "Write Setting=value, or indent the line when it continues the value above.",
      ...position,
    };
  }
  if (equals === 0)
    return { kind: "problem", message: "there is no setting before “=”", remedy: "Write Setting=value.", ...position };
  const rest = content.slice(equals + 1);
  const text = strip(rest);
  const column = position.column + equals + 1 + rest.indexOf(text);
  return {
    kind: "entry",
    key: strip(content.slice(0, equals)),
    lines: [valueLine(text, position.line, column, cut)],
    line: position.line,
    column: position.column,
  };
}

function valueLine(text: string, line: number, column: number, cut: Position | undefined): ValueLine {
  return cut === undefined ? { text, line, column } : { text, line, column, cut };
}

function badSection(content: string, position: Position): SyntaxProblem {
  return {
    kind: "problem",
    message: `“${content}” is not a section`,
    remedy: "Write the section's name in brackets: [Content].",
    ...position,
  };
}

/** A text's lines, and how many characters of each are the indentation that all share; undefined when there is none. */
export function unindented(text: string): { lines: readonly string[]; margins: readonly number[] | undefined } {
  const rows = text.split(USUAL_END);
  const margin = commonIndentation(rows);
  if (!OTHER_END.test(text)) return { lines: rows, margins: margin === 0 ? undefined : rows.map(() => margin) };
  // only what follows a usual end of line is indented with the others
  const parts = rows.flatMap((row) => row.split(OTHER_END).map((line, index) => ({ line, first: index === 0 })));
  return { lines: parts.map(({ line }) => line), margins: parts.map(({ first }) => (first ? margin : 0)) };
}

/** How many blanks and tabs all lines with content begin with; they must be the same ones. */
function commonIndentation(lines: readonly string[]): number {
  let common: string | undefined;
  for (const line of lines) {
    if (/^[ \t]*$/.test(line)) continue;
    const own = /^[ \t]*/.exec(line)?.[0] ?? "";
    if (common === undefined) common = own;
    else {
      let length = 0;
      while (length < common.length && common[length] === own[length]) length++;
      common = common.slice(0, length);
    }
    if (common === "") return 0;
  }
  return common?.length ?? 0;
}
