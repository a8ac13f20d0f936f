// Temporary directories that tell whether somebody still uses them: each has a lock that its maker holds to the end, so
// that the next one who comes by can remove what a killed process has left.

import { existsSync } from "node:fs";
import { mkdtemp, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { takeLock, tryLock } from "./lock.ts";
import { removeTree } from "./remove-tree.ts";

export interface LockedDirectory extends AsyncDisposable {
  readonly path: string;
}

const LOCK = "lock";

/** Makes an empty directory whose name begins with `prefix`; disposing of it removes it. */
export async function lockedDirectory(parent: string, prefix: string): Promise<LockedDirectory> {
  for (;;) {
    const path = await mkdtemp(join(parent, prefix));
    const lock = await lockIn(path);
    // Before it was locked, another process may have taken it for abandoned.
    if (lock === undefined) continue;
    return {
      path,
      async [Symbol.asyncDispose]() {
        await removeTree(path);
        await lock[Symbol.asyncDispose]();
      },
    };
  }
}

/** Undefined when the directory is gone. */
async function lockIn(directory: string): Promise<AsyncDisposable | undefined> {
  try {
    const lock = await takeLock(join(directory, LOCK));
    if (existsSync(join(directory, LOCK))) return lock;
    await lock[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes the directories with a prefix that nobody holds. Another user's are left: theirs to remove. */
export async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    // What fails is gone already, or belongs to somebody else.
    await removeUnlocked(join(parent, name)).catch(() => {});
  }
}

async function removeUnlocked(path: string): Promise<void> {
  const names = await readdir(path);
  // One that was made just now is empty until it is locked. One with all but the lock was not removed to the end.
  if (names.length === 0) return await rmdir(path);
  if (!names.includes(LOCK)) return await removeTree(path);
  await using lock = await tryLock(join(path, LOCK));
  if (lock !== undefined) await removeTree(path);
}
