// Reads os-release(5): the file by which a system, on the host or in an image, says what it is.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export type OsRelease = ReadonlyMap<string, string>;

const ESCAPED = /\\([\\"'$`])/g;

/** Parses the text of an os-release file. Lines that are no assignments are skipped, as the specification asks. */
export function parseOsRelease(text: string): OsRelease {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) fields.set(match[1], unquote(match[2].trim()));
  }
  return fields;
}

/** Reads a tree's os-release: etc/os-release before usr/lib/os-release. Undefined when it has none. */
export function readOsRelease(root: string): OsRelease | undefined {
  for (const path of ["etc/os-release", "usr/lib/os-release"]) {
    try {
      return parseOsRelease(readFileSync(join(root, path), "utf8"));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    }
  }
  return undefined;
}

function unquote(value: string): string {
  const quote = value[0];
  if ((quote !== '"' && quote !== "'") || value.length < 2 || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === "'" ? inner : inner.replace(ESCAPED, "$1");
}
