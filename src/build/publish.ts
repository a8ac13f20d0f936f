// The last move of a build: finished artefacts go from a staging directory to their names in the output directory.
// Staging is a hidden directory beside them, so that the move is a rename: all of an artefact is there, or nothing.

import { accessSync, constants, lstatSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { makeWritableDirectory } from "../report/directories.ts";
import { Failure } from "../report/failure.ts";
import { withLock } from "../sandbox/lock.ts";
import { lockedDirectory, removeAbandoned } from "../sandbox/locked-directory.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { removeTree } from "../sandbox/remove-tree.ts";
import type { Placement } from "./images.ts";
import { STAGING } from "./staging-name.ts";

/**
 * Makes a staging directory in an output directory, which is made when missing, and removes those that killed builds
 * left there.
 * @param outdated tells the names of what earlier builds of the image have left: publishing removes those that were not
 *   made again
 */
export async function createStaging(outputDirectory: string, outdated: () => readonly string[]): Promise<Placement> {
  makeWritableDirectory(outputDirectory, "OutputDirectory=");
  for (const name of outdated()) checkReplaceable(join(outputDirectory, name));
  await removeAbandoned(outputDirectory, STAGING);
  const place = await lockedDirectory(outputDirectory, STAGING);
  const path = join(place.path, "outputs");
  const aside = join(place.path, "replaced");
  await Promise.all([path, aside].map((directory) => mkdir(directory)));
  // Others may not look into it: images can have secrets, and OutputMode= is for the published ones.
  await chmod(place.path, 0o700);
  return {
    path,
    target: outputDirectory,
    publish: (note) =>
      withLock(outputDirectory, async () => {
        await publish();
        await note();
      }),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };

  async function publish(): Promise<void> {
    const names = await readdir(path);
    for (const name of outdated()) {
      if (!names.includes(name)) await rename(join(outputDirectory, name), join(aside, name));
    }
    for (const name of names.toSorted()) {
      await maskMode(join(path, name));
      await replace(join(path, name), join(outputDirectory, name), join(aside, name));
    }
    // Now, as the new output may share files with the old one: with each link that goes, their status changes.
    await removeTree(aside);
  }
}

/** A directory can only be moved away by who may write to it: who cannot, is told before anything is built. @throws {Failure} */
function checkReplaceable(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw new Failure(`${path} belongs to another user, so that it cannot be replaced`, {
      remedy:
        "have it removed by who built it (for root: sudo mkosi clean), or set OutputDirectory= to another directory",
      cause,
    });
  }
}

/** The build itself has a fixed umask, so that images do not depend on the caller's; the files it leaves follow it. */
async function maskMode(path: string): Promise<void> {
  const status = await lstat(path);
  if (status.isFile()) await chmod(path, status.mode & 0o777 & ~callerIds().umask);
}

/** A directory cannot be renamed over another that has entries: the old one is moved aside first. */
async function replace(from: string, to: string, aside: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EISDIR" && code !== "ENOTDIR") throw error;
    await rename(to, aside);
    await rename(from, to).catch(async (failed: unknown) => {
      await rename(aside, to);
      throw failed;
    });
  }
}
