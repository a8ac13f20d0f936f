// Where a user's cache is.

import { homedir } from "node:os";
import { join } from "node:path";

/** The user's cache directory: $XDG_CACHE_HOME, /var/cache for root, ~/.cache for others. */
export function userCache(uid: number): string {
  const configured = process.env.XDG_CACHE_HOME;
  if (configured?.startsWith("/")) return join(configured, "mkosi");
  return uid === 0 ? "/var/cache/mkosi" : join(homedir(), ".cache/mkosi");
}
