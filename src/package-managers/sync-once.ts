// Brings metadata of repositories up to date once a run of the program, whoever asks first.

import { Failure } from "../report/failure.ts";
import type { PackageContext } from "./manager.ts";

const synced = new Map<string, Promise<void>>();

/** Runs `update` for a directory of the package cache, unless that has been done or is being done. */
export async function syncOnce(directory: string, update: () => Promise<void>): Promise<void> {
  const running = synced.get(directory);
  if (running !== undefined) return await running;
  const work = update();
  synced.set(directory, work);
  // the next one tries again: an interrupted download is no answer for the rest of the program's life
  work.catch(() => synced.delete(directory));
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
    remedy: `build once without CacheOnly=${cacheOnly}`,
  });
}
