// Things that tests make once and keep in the user's test cache: whoever comes first makes them, others wait. What has
// not been used for a week goes.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../src/sandbox/lock.ts";

export const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mkosi-test/distros");

const WEEK = 7 * 24 * 3600 * 1000;

/** A short digest of texts and of the files of this folder that are named, for keys of what is kept. */
export function keyOf(texts: readonly string[], files: readonly string[]): string {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${text}\0`);
  for (const file of files) digest.update(readFileSync(join(import.meta.dirname, file)));
  return digest.digest("hex").slice(0, 12);
}

/** The directory KIND-KEY of the cache, made by `make` when it is not there whole. */
export async function kept(kind: string, key: string, make: (place: string) => Promise<void>): Promise<string> {
  const place = join(CACHE, `${kind}-${key}`);
  const complete = join(place, "complete");
  mkdirSync(CACHE, { recursive: true });
  await withLock(join(CACHE, `${kind}-${key}.lock`), async () => {
    if (!existsSync(complete)) {
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
      await make(place);
      writeFileSync(complete, "");
    }
    utimesSync(complete, new Date(), new Date());
  });
  removeUnused(kind);
  return place;
}

function removeUnused(kind: string): void {
  for (const name of readdirSync(CACHE)) {
    const complete = join(CACHE, name, "complete");
    if (!name.startsWith(`${kind}-`) || !existsSync(complete)) continue;
    if (Date.now() - statSync(complete).mtimeMs > WEEK) rmSync(join(CACHE, name), { recursive: true, force: true });
  }
}
