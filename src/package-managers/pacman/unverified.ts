// Downloaded packages whose signatures are wrong must not stay in the cache: pacman would take them for its own, also
// when the mirror has better ones by then.

import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext } from "../manager.ts";
import { isUnverified } from "./failures.ts";
import { pacmanCache } from "./layout.ts";

/**
 * Runs a download with the packages' lock held. When signatures are wrong it removes what they are of, and what it has downloaded
 * itself; what an earlier build had left is downloaded again, once.
 * @param unverified asks which of the downloaded packages no known key has signed
 * @param mayRepeat whether there is a network
 */
export async function downloadVerified(
  context: PackageContext,
  download: () => Promise<unknown>,
  unverified: () => Promise<readonly string[]>,
  mayRepeat: boolean,
): Promise<void> {
  const { packages } = pacmanCache(context);
  const before = new Set(readdirSync(packages));
  try {
    await download();
  } catch (error) {
    if (!(error instanceof CommandFailure) || !isUnverified(error.output)) throw error;
    const strangers = await unverified();
    const fresh = readdirSync(packages).filter((name) => !before.has(name));
    for (const name of [...fresh, ...strangers.flatMap((file) => [file, `${file}.sig`])])
      await rm(join(packages, name), { force: true });
    if (!mayRepeat || !strangers.some((file) => before.has(file))) throw error;
    await downloadVerified(context, download, unverified, false);
  }
}
