// Says which place is full when something has failed for want of space: programs say that there is none, and not where.

import { statfsSync } from "node:fs";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { formatBytes } from "../report/quantity.ts";
import { noSpaceRemedy, original } from "../report/system-failure.ts";
import { type Config, settings } from "../settings/index.ts";

/** A directory that is written to, and what names it. */
export interface WritablePlace {
  readonly path: string;
  readonly setting: keyof Pick<
    Config,
    "cacheDirectory" | "outputDirectory" | "packageCacheDirectory" | "workspaceDirectory"
  >;
}

/** With more free bytes than that, another place is the full one, or what filled it is gone already. */
const ALMOST_FULL = 64 * 1024 ** 2;

/** Inodes that a layer without anything in it has. */
const FEW = 16;

class FullDisk extends Failure {}

/** Does some work that writes to places. @throws {Failure} naming the place that is full, when that is what has failed */
export async function namingFullDisk<T>(
  image: Image,
  places: readonly WritablePlace[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(image, places, original(error)) ?? error;
  }
}

function explain(image: Image, places: readonly WritablePlace[], error: unknown): Failure | undefined {
  if (error instanceof FullDisk || !meansNoSpace(error)) return undefined;
  const all = places.map((place) => ({ ...place, ...freeIn(place.path) }));
  const [fullest] = all.toSorted((a, b) => a.free - b.free);
  const named = all.find(({ path }) => pathOf(error)?.startsWith(`${path}/`) === true);
  const found = named ?? (fullest !== undefined && fullest.free < ALMOST_FULL ? fullest : undefined);
  if (found === undefined) return undefined;
  const { path, setting, size, free, filesLeft } = found;
  const { name } = settings[setting];
  const left = filesLeft
    ? `${formatBytes(free)} of ${formatBytes(size)} are left`
    : "hardly any more files can be made there";
  const details = error instanceof Failure ? error.details : {};
  return new FullDisk(`the file system of ${path} (${name}=) is full: ${left}`, {
    ...details,
    origin: image.origin(setting) ?? details.origin,
    remedy: `make room there${setting === "cacheDirectory" ? " (mkosi cache prune removes layers that no output was made from)" : ""}, or set ${name}= to a directory on another file system`,
    cause: error,
  });
}

/** What could not be written, where the system tells it. */
function pathOf(error: unknown): string | undefined {
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  return dest ?? path;
}

function meansNoSpace(error: unknown): boolean {
  if (error instanceof Failure) return noSpaceRemedy(`${error.message}\n${error.details.excerpt ?? ""}`) !== undefined;
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Bytes; none are free where no more files can be made. */
function freeIn(path: string): { readonly size: number; readonly free: number; readonly filesLeft: boolean } {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(path);
  // File systems without a fixed number of inodes say 0.
  const filesLeft = files === 0 || ffree > FEW;
  return { size: blocks * bsize, free: filesLeft ? bavail * bsize : 0, filesLeft };
}
