// The last move of a build: finished artefacts go from a staging directory to their names in the output directory.
// Staging is a hidden directory beside them, so that the move is a rename: all of an artefact is there, or nothing.

import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { tryLock, takeLock } from "../sandbox/lock.ts";

const PREFIX = ".mkosi-staging-";

export interface Staging extends AsyncDisposable {
  readonly path: string;
  /** Moves everything to the output directory, whose path it returns; what has the same name there is replaced. */
  publish(): Promise<string>;
}

/**
 * Makes a staging directory in an output directory, which is made when missing, and removes those that killed builds
 * left there.
 */
export async function createStaging(outputDirectory: string): Promise<Staging> {
  await mkdir(outputDirectory, { recursive: true });
  await removeAbandoned(outputDirectory);
  const place = await mkdtemp(join(outputDirectory, PREFIX));
  const lock = await takeLock(join(place, "lock"));
  const path = join(place, "outputs");
  await mkdir(path);
  return {
    path,
    async publish() {
      for (const name of (await readdir(path)).toSorted()) {
        await replace(join(path, name), join(outputDirectory, name), join(place, `old-${name}`));
      }
      return outputDirectory;
    },
    async [Symbol.asyncDispose]() {
      await rm(place, { recursive: true, force: true });
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** A directory cannot be renamed over another that has entries: the old one is moved aside first. */
async function replace(from: string, to: string, aside: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EISDIR" && code !== "ENOTDIR") throw error;
    await rename(to, aside);
    await rename(from, to);
  }
}

async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(directory, name);
    await using lock = await tryLock(join(path, "lock"));
    if (lock === undefined) continue;
    await chmod(path, 0o700);
    await rm(path, { recursive: true, force: true });
  }
}
