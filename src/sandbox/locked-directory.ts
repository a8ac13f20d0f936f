// Temporary directories that tell whether somebody still uses them: each has a lock that its maker holds to the end, so
// that the next one who comes by can remove what a killed process has left.

import { mkdtemp, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { takeLock, tryLock } from "./lock.ts";
import { removeTree } from "./remove-tree.ts";

export interface LockedDirectory extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty directory whose name begins with `prefix`; disposing of it removes it. */
export async function lockedDirectory(parent: string, prefix: string): Promise<LockedDirectory> {
  // It gets its name once it is locked: before, another process could take it for abandoned.
  const unlocked = await mkdtemp(join(parent, `${prefix}new-`));
  const lock = await takeLock(join(unlocked, "lock"));
  const path = join(parent, basename(unlocked).replace("new-", ""));
  await rename(unlocked, path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await removeTree(path);
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** Removes the directories with a prefix that nobody holds. Another user's are left: theirs to remove. */
export async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix) || name.startsWith(`${prefix}new-`)) continue;
    const path = join(parent, name);
    try {
      await using lock = await tryLock(join(path, "lock"));
      if (lock !== undefined) await removeTree(path);
    } catch {
      // It is gone already, or belongs to somebody else.
    }
  }
}
