// Brings metadata of repositories up to date once a run of the program, whoever asks first.

import { Failure } from "../report/failure.ts";
import type { PackageContext } from "./manager.ts";

const synced = new Map<string, Promise<void>>();

/** Runs `update`, unless that has been done or is being done. @param what the directory of the package cache, and what is to be there */
export async function syncOnce(what: string, update: () => Promise<void>): Promise<void> {
  const running = synced.get(what);
  if (running !== undefined) return await running;
  const work = update();
  synced.set(what, work);
  // the next one tries again: an interrupted download is no answer for the rest of the program's life
  work.catch(() => synced.delete(what));
  return await work;
}

/**
 * Whether `CacheOnly=` wants the metadata to stay as it is.
 * @param what what the package cache needs for that
 * @throws {Failure} when it has none
 */
export function staysAsItIs(
  { image, packageCache }: PackageContext,
  what: { readonly name: string; isThere(): boolean },
): boolean {
  const { cacheOnly } = image.config;
  if (cacheOnly !== "always" && cacheOnly !== "metadata") return false;
  if (what.isThere()) return true;
  throw new Failure(`the package cache ${packageCache} has no ${what.name} of the repositories`, {
    origin: image.origin("cacheOnly"),
    remedy: `build once without CacheOnly=${cacheOnly}; each Mirror= and each set of repositories has metadata of its own there`,
  });
}
