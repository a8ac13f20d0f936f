// On a kernel of our own, this machine's file systems keep no owners (hostfs). Directories that trees are kept in lie on
// its own file system then, wherever the configuration has them: below the user's cache directory.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { makeDirectory, makeWritableDirectory } from "../report/directories.ts";
import { mountBind } from "./mount.ts";
import { callerIds } from "./namespace.ts";

/**
 * Puts directories into the file system for trees; with all ids there is nothing to do.
 * @param directories as they are configured; null: nothing is
 * @param cache the user's cache directory
 */
export async function keepOwnersIn(
  directories: readonly { readonly path: string | null; readonly setting: string }[],
  cache: string,
): Promise<void> {
  if (!callerIds().hasOwnKernel) return;
  const seen = new Set<string>();
  for (const { path, setting } of directories) {
    if (path === null || seen.has(path) || `${path}/`.startsWith(`${cache}/`)) continue;
    seen.add(path);
    const own = join(cache, "places", createHash("sha256").update(path).digest("hex").slice(0, 16));
    makeDirectory(own);
    makeWritableDirectory(path, setting);
    await mountBind(own, path);
  }
}
