// Names in directories that need not be there.

import { readdirSync } from "node:fs";

/** The names in a directory; none where there is no such directory. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether a path has a name that is not UTF-8, in whose place Node puts U+FFFD. */
export function isUnreadable(path: string): boolean {
  return path.includes("\ufffd");
}
