// Which package each file of an image belongs to, by whichever package manager's database is in it.

import { readdirSync } from "node:fs";
import { posix } from "node:path";
import { INSTALLED as APK } from "../package-managers/apk/layout.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import { INSTALLED as PACMAN } from "../package-managers/pacman/layout.ts";
import { packageFiles } from "../package-managers/rpm/database.ts";
import type { ImageContext } from "../tools/context.ts";
import { pathInside, readInside } from "../tools/inside.ts";
import type { Contents, Entry } from "./contents.ts";
import { fromRpm } from "./rpm.ts";

/** A package by its name, or by name and architecture as `NAME:ARCHITECTURE`, and one of its paths as the database has it. */
type Owned = readonly [owner: string, path: string];

/**
 * For each path of the image that a package has, the package's place in `contents.packages`. A path that several have,
 * as directories, is the first one's.
 * @param root of the image's tree, in our own mount namespace
 */
export async function ownersOf(
  context: ImageContext,
  root: string,
  { entries, packages }: Pick<Contents, "entries" | "packages">,
): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, number>();
  packages.forEach(({ name, architecture }, index) => {
    places.set(`${name}:${architecture}`, index);
    if (!places.has(name)) places.set(name, index);
  });
  const real = pathResolver(entries);
  const owners = new Map<string, number>();
  for (const [owner, path] of await ownedPaths(context, root, packages)) {
    const place = places.get(owner);
    const found = place === undefined ? undefined : real(path);
    if (place !== undefined && found !== undefined && !owners.has(found)) owners.set(found, place);
  }
  return owners;
}

async function ownedPaths(
  context: ImageContext,
  root: string,
  packages: readonly InstalledPackage[],
): Promise<readonly Owned[]> {
  if (packages.length === 0) return [];
  for (const find of [dpkgPaths, pacmanPaths, apkPaths]) {
    const found = find(root);
    if (found.length > 0) return found;
  }
  return await fromRpm(context, root, packageFiles);
}

function dpkgPaths(root: string): readonly Owned[] {
  const directory = "var/lib/dpkg/info";
  return namesIn(root, directory).flatMap((name) => {
    if (!name.endsWith(".list")) return [];
    const owner = name.slice(0, -".list".length);
    return lines(readInside(root, `${directory}/${name}`)).map((path) => [owner, path] as const);
  });
}

function pacmanPaths(root: string): readonly Owned[] {
  return namesIn(root, PACMAN).flatMap((name) => {
    const owner = /^(.+)-[^-]+-[^-]+$/.exec(name)?.[1];
    return owner === undefined ? [] : pacmanFiles(owner, readInside(root, `${PACMAN}/${name}/files`) ?? "");
  });
}

/** @param text of a file `files`: blocks with headings */
function pacmanFiles(owner: string, text: string): readonly Owned[] {
  const block = text.split(/\n\n+/).find((part) => part.trimStart().startsWith("%FILES%\n"));
  return lines(block?.trimStart())
    .slice(1)
    .map((path) => [owner, path] as const);
}

function apkPaths(root: string): readonly Owned[] {
  const found: Owned[] = [];
  let [owner, directory] = ["", ""];
  for (const line of lines(readInside(root, APK))) {
    const value = line.slice(2);
    if (line.startsWith("P:")) owner = value;
    else if (line.startsWith("F:")) found.push([owner, (directory = value)]);
    else if (line.startsWith("R:")) found.push([owner, `${directory}/${value}`]);
  }
  return found;
}

function namesIn(root: string, directory: string): readonly string[] {
  try {
    return readdirSync(pathInside(root, directory)).toSorted();
  } catch {
    return [];
  }
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}

/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Finds what a database calls a path: packages may have files in `/lib` where that is a link today. The last name is not
 * followed, as the link itself is the package's.
 */
function pathResolver(entries: readonly Entry[]): (path: string) => string | undefined {
  const known = new Map(entries.map((entry) => [entry.path, entry]));
  const directories = new Map<string, string>([["", ""]]);
  const directory = (path: string, depth: number): string => {
    const found = directories.get(path);
    if (found !== undefined) return found;
    const direct = join(directory(parentOf(path), depth), posix.basename(path));
    const target = known.get(direct)?.target;
    const end =
      target === undefined || depth >= MOST_LINKS
        ? direct
        : directory(clean(target.startsWith("/") ? target : join(parentOf(direct), target)), depth + 1);
    directories.set(path, end);
    return end;
  };
  return (path) => {
    const name = clean(path);
    if (known.has(name)) return name;
    const end = join(directory(parentOf(name), 0), posix.basename(name));
    return known.has(end) ? end : undefined;
  };
}

const clean = (path: string): string => posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
const join = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}
