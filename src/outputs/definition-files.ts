// The files of a directory with partition definitions, as repart.d(5) has them.

import { readdirSync } from "node:fs";
import { join } from "node:path";

/** `10-root.conf` and `10-root.conf.d/*.conf`, relative to the directory. */
export function definitionFiles(directory: string): string[] {
  const names = readdirSync(directory, { withFileTypes: true });
  return names.flatMap((entry) => {
    if (entry.name.endsWith(".conf.d"))
      return readdirSync(join(directory, entry.name)).map((name) => join(entry.name, name));
    return entry.name.endsWith(".conf") ? [entry.name] : [];
  });
}
