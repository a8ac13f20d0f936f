// Files of a configuration, read once and kept: their sections, their lines for excerpts, the places of their values.

import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Origin } from "../report/failure.ts";
import { type Kind, kindOf } from "../settings/types/files.ts";
import { resolvePath } from "../settings/types/path.ts";
import { excerptOf } from "./diagnostics.ts";
import { type Entry, hasIndentedBracket, type IniSection, type Position, parseIni, splitLines } from "./ini.ts";

export interface ConfigFile {
  readonly path: string;
  /** Its sections for a reader that is after these; see parseIni. */
  sections(wanted: ReadonlySet<string>): readonly IniSection[];
  /** Whether it begins with a byte order mark, which is no part of its text. */
  readonly hasByteOrderMark: boolean;
  /** The directory that it is in, with symlinks followed; costs a look at the file system the first time. */
  directory(): string;
  origin(position: Position): Origin;
  /** The line with a caret. */
  excerpt(position: Position): string;
}

/** Why a file could not be read. */
export interface UnreadableFile {
  readonly origin: Origin;
  readonly problem: string;
}

/** Reads a file; undefined when there is none. `kind`: what is there, when that is known. */
export type ConfigReader = (path: string, kind?: Kind) => ConfigFile | UnreadableFile | undefined;

/** Where texts come from. */
export interface Texts {
  readonly file: ConfigReader;
  /** Of a file that is not ours; undefined when it cannot be read. */
  text(path: string): string | undefined;
}

let texts: Texts = { file: readFromDisk, text: textFromDisk };

/**
 * Puts others in the place of the disk's files, for all of the process: an editor has texts that are not saved yet,
 * and keeps files that have not changed.
 */
export function replaceTexts(others: Texts): void {
  texts = others;
}

/** See ConfigReader. */
export function readConfigFile(path: string, kind?: Kind): ConfigFile | UnreadableFile | undefined {
  return texts.file(path, kind);
}

/** The text of a file of another dialect; undefined when it cannot be read. */
export function readTextFile(path: string): string | undefined {
  return texts.text(path);
}

export function textFromDisk(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a file as it is on the disk. */
export function readFromDisk(path: string, kind?: Kind): ConfigFile | UnreadableFile | undefined {
  const origin = { kind: "pickup", path } as const;
  let text: string;
  try {
    if ((kind ?? kindOf(statSync(path))) !== "file") return { origin, problem: "this is not a file" };
    // Node reads and decodes in one step; what is not UTF-8 becomes U+FFFD, which hardly any file has.
    text = readFileSync(path, "utf8");
    if (text.includes("\ufffd")) {
      const place = placeOfBadUtf8(readFileSync(path));
      if (place !== undefined) return { origin: { kind: "file", path, ...place }, problem: "this is not UTF-8 text" };
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return { origin, problem: `this cannot be read (${code ?? String(error)})` };
  }
  return configFile(path, text);
}

/** The file that a text is the content of. */
export function configFile(path: string, content: string): ConfigFile | UnreadableFile {
  const nul = content.indexOf("\0");
  if (nul >= 0) {
    const before = splitLines(`${content.slice(0, nul)}x`);
    const place = { line: before.length, column: before.at(-1)?.length ?? 1 };
    return { origin: { kind: "file", path, ...place }, problem: "there is a NUL character here" };
  }
  const hasByteOrderMark = content.startsWith("\ufeff");
  const text = hasByteOrderMark ? content.slice(1) : content;
  const dependsOnReader = hasIndentedBracket(text);
  let sections: IniSection[] | undefined;
  let lines: string[] | undefined;
  let directory: string | undefined;
  return {
    path,
    hasByteOrderMark,
    sections(wanted) {
      if (dependsOnReader) return parseIni(text, wanted);
      sections ??= parseIni(text);
      return sections;
    },
    directory() {
      directory ??= dirname(resolvePath(path, "/"));
      return directory;
    },
    origin: (position) => ({ kind: "file", path, line: position.line, column: position.column }),
    excerpt(position) {
      lines ??= splitLines(text);
      return excerptOf(lines[position.line - 1] ?? "", position.column);
    },
  };
}

/** Where a text ceases to be UTF-8; undefined when it is all through. */
function placeOfBadUtf8(bytes: Buffer): Position | undefined {
  if (isUtf8(bytes)) return undefined;
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf("\n", start);
    const content = bytes.subarray(start, end < 0 ? undefined : end);
    if (!isUtf8(content)) return { line, column: validLength(content) + 1 };
    start = end + 1;
  }
}

/** How many characters of a line come before its first wrong byte. */
function validLength(line: Buffer): number {
  const again = Buffer.from(line.toString("utf8"));
  let end = line.findIndex((byte, index) => byte !== again[index]);
  // the replacement may begin with the bytes that the wrong character begins with
  while (!isUtf8(line.subarray(0, end))) end--;
  return line.toString("utf8", 0, end).length;
}

/** The line that a place is in, with a caret; undefined when it is in no file. */
export function excerptAt(origin: Origin | undefined): string | undefined {
  if (origin?.kind !== "file") return undefined;
  const file = readConfigFile(origin.path);
  return file === undefined || "problem" in file ? undefined : file.excerpt(origin);
}

/** A value as one text whose parts still know their places. */
export interface PlacedText {
  readonly text: string;
  position(offset: number): Position;
}

/** Joins the lines of an entry after each, with the line end that is not its last, went through `change`. */
export function placeText(entry: Entry, change: (text: string, position: Position) => string): PlacedText {
  const { lines } = entry;
  const originals = lines.map(({ text }, index) => (index < lines.length - 1 ? `${text}\n` : text));
  const parts = originals.map((text, index) => change(text, lines[index] ?? entry));
  let starts: readonly number[] | undefined;
  return {
    text: parts.join(""),
    position(offset) {
      starts ??= startsOf(parts);
      // the last line that starts at the offset or before it
      let [index, above] = [0, starts.length];
      while (above - index > 1) {
        const middle = (index + above) >> 1;
        if ((starts[middle] ?? 0) <= offset) index = middle;
        else above = middle;
      }
      const { line, column } = lines[index] ?? entry;
      const within = parts[index] === originals[index] ? offset - (starts[index] ?? 0) : 0;
      return { line, column: column + within };
    },
  };
}

function startsOf(parts: readonly string[]): number[] {
  let length = 0;
  return parts.map((part) => {
    length += part.length;
    return length - part.length;
  });
}
