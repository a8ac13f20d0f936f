// File name patterns as the shell has them (`*`, `?`, `[…]`), which the settings with scripts and the matchers use.
// Written here since the start-up path loads no library.

import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { compareCodePoints } from "../../formats/code-points.ts";

const MAGIC = /[*?[]/;

/** Whether it has characters that stand for others. */
export function isPattern(text: string): boolean {
  return MAGIC.test(text);
}

/** A compiled pattern. */
export interface Pattern {
  /** Whether it is the pattern of this whole name. */
  test(name: string): boolean;
}

/**
 * Compiles a pattern (fnmatch(3) without flags). What stands between the stars is looked for one after the other, each
 * as early as it can be: a single expression would try all combinations of places, which takes for ever with many stars.
 */
export function compilePattern(pattern: string): Pattern {
  const sources = piecesOf(pattern);
  const first = sources[0] ?? "";
  if (sources.length === 1) return new RegExp(`^(?:${first})$`, "u");
  const head = new RegExp(`^(?:${first})`, "gu");
  const middle = sources.slice(1, -1).map((source) => new RegExp(source, "gu"));
  const tail = new RegExp(`(?:${sources.at(-1) ?? ""})$`, "gu");
  return {
    test(name) {
      let position = 0;
      for (const expression of [head, ...middle, tail]) {
        expression.lastIndex = position;
        if (!expression.test(name)) return false;
        position = expression.lastIndex;
      }
      return true;
    },
  };
}

/** Sources of expressions for the pieces between stars; each stands for a fixed number of characters. */
function piecesOf(pattern: string): string[] {
  const pieces: string[] = [];
  let source = "";
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index] ?? "";
    if (char === "*") {
      // a run of stars is one
      if (source !== "" || pieces.length === 0) pieces.push(source);
      source = "";
    } else if (char === "?") source += "[^]";
    else if (char === "[") {
      const end = classEnd(pattern, index);
      if (end < 0) source += "\\[";
      else {
        source += classSource(pattern.slice(index + 1, end));
        index = end;
      }
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  }
  return [...pieces, source];
}

function classEnd(pattern: string, start: number): number {
  let index = start + 1;
  if (pattern[index] === "!") index++;
  if (pattern[index] === "]") index++;
  return pattern.indexOf("]", index);
}

function classSource(body: string): string {
  const negated = body.startsWith("!");
  const chars = Array.from(negated ? body.slice(1) : body);
  let members = "";
  for (let index = 0; index < chars.length; index++) {
    const [low = "", dash, high] = chars.slice(index, index + 3);
    if (dash !== "-" || high === undefined) members += escapeMember(low);
    else {
      // a range that runs backwards is empty
      if (codeOf(low) <= codeOf(high)) members += `${escapeMember(low)}-${escapeMember(high)}`;
      index += 2;
    }
  }
  if (members === "") return negated ? "[^]" : "[]";
  return `[${negated ? "^" : ""}${members}]`;
}

function escapeMember(char: string): string {
  return /[\\\]^[-]/.test(char) ? `\\${char}` : char;
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}

/**
 * The paths that match, by name; relative patterns give relative paths. Hidden files match only a pattern that begins
 * with a dot. A pattern without special characters gives itself when it exists.
 */
export function globSync(pattern: string, directory: string): string[] {
  const parts = pattern.split("/");
  let found: string[] = [pattern.startsWith("/") ? "/" : ""];
  parts.forEach((part, index) => {
    if (part === "") return;
    const last = index === parts.length - 1;
    found = found.flatMap((base) => step(base, part, directory, last));
  });
  return found.filter((path) => path !== "").sort(compareCodePoints);
}

function step(base: string, part: string, directory: string, last: boolean): string[] {
  const extend = (name: string): string => (base === "" || base === "/" ? base + name : `${base}/${name}`);
  const absolute = (path: string): string => (path.startsWith("/") ? path : join(directory, path));
  if (!MAGIC.test(part)) return exists(absolute(extend(part)), !last) ? [extend(part)] : [];
  const expression = compilePattern(part);
  return namesIn(absolute(base))
    .filter((name) => (part.startsWith(".") || !name.startsWith(".")) && expression.test(name))
    .map(extend)
    .filter((path) => last || exists(absolute(path), true));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function exists(path: string, directory: boolean): boolean {
  try {
    return directory ? statSync(path).isDirectory() : lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
