// Looks into an image: from its file to what is in it.

import { mkdirSync, mkdtempSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseOsRelease } from "../formats/os-release.ts";
import { Failure } from "../report/failure.ts";
import type { ImageContext } from "../tools/context.ts";
import { readInside } from "../tools/inside.ts";
import type { Contents, EfiProgram, Entry } from "./contents.ts";
import { readEfi } from "./efi.ts";
import { listEntries } from "./entries.ts";
import { decompress } from "./extract.ts";
import { compressionOf, kindOf } from "./kind.ts";
import { packagesOf } from "./packages.ts";
import { readPartitions, wholeFile } from "./partitions.ts";
import { totalSize } from "./sizes.ts";
import { openTree, type Place } from "./tree.ts";
import { unitsOf } from "./units.ts";

/** An image that is open: its files can be read until it is disposed of. */
export interface OpenImage extends AsyncDisposable {
  readonly contents: Contents;
  /** Of its tree, in our own mount namespace; an empty directory when it has none. */
  readonly root: string;
  /** Where a file of the image's tree is in our own mount namespace. @param path without a leading slash */
  locate(path: string): string;
}

/**
 * @param shared its scratch directory is used
 * @param path any image, of whoever made it
 * @throws {Failure} when it is none, is damaged, or a program that its format takes is missing
 */
export async function openImage(shared: ImageContext, path: string): Promise<OpenImage> {
  const status = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(`${path} ${cause.code === "ENOENT" ? "does not exist" : `cannot be read: ${cause.message}`}`, {
      cause,
    });
  });
  if (!status.isFile() && !status.isDirectory()) throw new Failure(`${path} is neither a file nor a directory`);
  mkdirSync(shared.scratch, { recursive: true });
  const context = { ...shared, scratch: mkdtempSync(join(shared.scratch, "image-")) };
  const compression = status.isFile() ? await compressionOf(path) : undefined;
  const plain = compression === undefined ? path : await decompress(context, path, compression);
  const kind = await kindOf(plain);
  const table = kind === "disk" ? await readPartitions(plain) : undefined;
  const partitions = kind === "file-system" ? [await wholeFile(plain)] : (table?.partitions ?? []);
  const isProgram = kind === "uki" || kind === "addon" || kind === "efi";
  const tree = await openTree(context, { path: plain, kind, partitions });
  try {
    const entries = isProgram ? [] : await entriesOf(context, tree.places);
    const locate = (name: string) => locateIn(tree.places, name);
    const root = tree.places[0]?.directory ?? context.scratch;
    const efi = isProgram ? await readEfi(context, plain, basename(path)) : undefined;
    const contents: Contents = {
      path,
      kind,
      compression,
      size: status.isFile() ? status.size : totalSize(entries),
      sectorSize: table?.sectorSize,
      partitions: tree.partitions,
      release: isProgram ? {} : releaseOf(root, entries),
      efi: efi === undefined ? await efiOf(context, entries, locate) : [efi],
      packages: isProgram ? [] : await packagesOf(context, root),
      units: unitsOf(entries),
      entries,
    };
    return { contents, root, locate, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() };
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
}

async function entriesOf(context: ImageContext, places: readonly Place[]): Promise<readonly Entry[]> {
  const lists = await Promise.all(
    places.map(async ({ directory, at }) => {
      const prefix = at === "/" ? "" : `${at.slice(1)}/`;
      return (await listEntries(context, directory)).map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
    }),
  );
  return lists.length === 1 ? (lists[0] ?? []) : lists.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function locateIn(places: readonly Place[], path: string): string {
  const best = places.findLast(({ at }) => `/${path}`.startsWith(`${at}/`)) ?? places[0];
  if (best === undefined) throw new Error("an image without a tree has no files");
  return join(best.directory, best.at === "/" ? path : `/${path}`.slice(best.at.length));
}

const RELEASES = ["etc/os-release", "usr/lib/os-release"];
const EXTENSION = /^(?:usr\/lib|etc)\/extension-release\.d\/extension-release\.[^/]+$/;

function releaseOf(root: string, entries: readonly Entry[]): Contents["release"] {
  const extension = entries.find(({ path }) => EXTENSION.test(path))?.path;
  for (const path of [...(extension === undefined ? [] : [extension]), ...RELEASES]) {
    const text = readInside(root, path);
    if (text !== undefined) return Object.fromEntries(parseOsRelease(text));
  }
  return {};
}

const EFI_DIRECTORIES = /^(?:efi|boot|boot\/efi)\/.*\.efi$|^EFI\/.*\.efi$/i;

async function efiOf(
  context: ImageContext,
  entries: readonly Entry[],
  locate: (path: string) => string,
): Promise<readonly EfiProgram[]> {
  const found: EfiProgram[] = [];
  for (const { path, type } of entries) {
    if (type !== "file" || !EFI_DIRECTORIES.test(path)) continue;
    const program = await readEfi(context, locate(path), path);
    if (program !== undefined) found.push(program);
  }
  return found;
}
