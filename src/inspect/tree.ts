// Opens the tree of an image, so that its files can be read: a directory is there already, file systems are mounted where that is
// possible and unpacked where not, archives are unpacked.

import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { mountFileSystem, unmount } from "../sandbox/mount.ts";
import type { ImageContext } from "../tools/context.ts";
import type { Partition } from "./contents.ts";
import { canExtract, copyRange, extract } from "./extract.ts";
import type { Kind } from "./kind.ts";
import { extractOci } from "./oci.ts";

/** A directory of our own mount namespace with a part of the tree. */
export interface Place {
  readonly directory: string;
  /** Where it is in the image's tree, `/` or without a slash at the end. */
  readonly at: string;
}

export interface OpenTree extends AsyncDisposable {
  /** The first one is that of `/`; none: there is no tree. */
  readonly places: readonly Place[];
  /** The partitions with what was found of them. */
  readonly partitions: readonly Partition[];
}

/** @param path the image, not compressed @throws {Failure} when it is damaged, or a program for it is missing */
export async function openTree(
  context: ImageContext,
  { path, kind, partitions }: { readonly path: string; readonly kind: Kind; readonly partitions: readonly Partition[] },
): Promise<OpenTree> {
  const mounted: string[] = [];
  const dispose = async () => {
    for (const target of mounted.toReversed()) await unmount(target);
  };
  const open = (places: readonly Place[], found: readonly Partition[]): OpenTree => ({
    places,
    partitions: found,
    [Symbol.asyncDispose]: dispose,
  });
  if (kind === "directory") return open([{ directory: path, at: "/" }], []);
  if (kind === "uki" || kind === "addon" || kind === "efi") return open([], []);
  const root = mkdtempSync(join(context.scratch, "tree-"));
  if (kind === "tar" || kind === "cpio") {
    await extract(context, kind, path, root);
    return open([{ directory: root, at: "/" }], []);
  }
  if (kind === "oci") {
    await extractOci(context, path, root);
    return open([{ directory: root, at: "/" }], []);
  }
  const places: Place[] = [{ directory: root, at: "/" }];
  const found: Partition[] = [];
  try {
    for (const partition of byMountPoint(partitions)) {
      const { mountPoint: at = "/" } = partition;
      const place = { directory: directoryFor(context, root, at, mounted.length > 0), at };
      const outcome = await reveal(context, path, partition, place.directory);
      if (outcome === "mounted") mounted.push(place.directory);
      if (outcome !== "hidden" && place.directory !== join(root, at)) places.push(place);
      found.push(outcome === "hidden" ? { ...partition, mountPoint: undefined } : partition);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return open(
    places,
    partitions.map((each) => found.find(({ number }) => number === each.number) ?? each),
  );
}

/** Those that have a place, `/` first. */
function byMountPoint(partitions: readonly Partition[]): readonly Partition[] {
  return partitions
    .filter(({ mountPoint, fileSystem }) => mountPoint !== undefined && fileSystem !== undefined)
    .toSorted((a, b) => ((a.mountPoint ?? "") < (b.mountPoint ?? "") ? -1 : 1));
}

/** What was mounted cannot be written to: what belongs into it is elsewhere then. */
function directoryFor({ scratch }: ImageContext, root: string, at: string, isMounted: boolean): string {
  const directory = join(root, at);
  if (isMounted) return mkdtempSync(join(scratch, "part-"));
  mkdirSync(directory, { recursive: true });
  return directory;
}

async function reveal(
  context: ImageContext,
  path: string,
  { offset, size, number, fileSystem }: Partition,
  target: string,
): Promise<"mounted" | "extracted" | "hidden"> {
  const type = fileSystem?.type ?? "";
  if (!MOUNTABLE.has(type)) return "hidden";
  if (process.getuid?.() === 0 && (await mountFileSystem({ path, offset, size, type }, target))) return "mounted";
  if (!canExtract(type)) return "hidden";
  const copy = join(context.scratch, `partition-${number}`);
  await copyRange(path, { offset, size }, copy);
  await extract(context, type, copy, target);
  return "extracted";
}

/** What holds files. */
const MOUNTABLE = new Set(["ext2", "ext3", "ext4", "vfat", "erofs", "squashfs", "btrfs", "xfs", "f2fs", "iso9660"]);
