// The lock on an image that a container or a machine runs from.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { tryLock, trySharedLock } from "../sandbox/lock.ts";

/** Keeps others from using the image, or with Ephemeral= from changing it. @throws {Failure} when somebody uses it */
export async function lockImage({
  image,
  files,
}: {
  readonly image: Image;
  readonly files: { readonly image: string };
}): Promise<AsyncDisposable> {
  const lock = await (image.config.ephemeral ? trySharedLock(files.image) : tryLock(files.image));
  if (lock !== undefined) return lock;
  throw inUse(files.image, "end that one, or start each with --ephemeral=yes and a name of its own (--machine=NAME)");
}

/** Keeps an image as it is while it is read. @param path of the image @throws {Failure} when somebody runs from it */
export async function lockImageToRead(path: string): Promise<AsyncDisposable> {
  const lock = await trySharedLock(path);
  if (lock !== undefined) return lock;
  throw inUse(path, "end that one first");
}

function inUse(path: string, remedy: string): Failure {
  return new Failure(`${path} is in use: another container or machine runs from it`, { remedy });
}
