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
