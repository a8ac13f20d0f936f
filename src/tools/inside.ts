// Paths of a tree as its own programs see them, with the tree as `/`: symbolic links lead to what is in the tree, never to
// files of this machine.

import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { basename, dirname, join, posix } from "node:path";

/** As many as the kernel follows. */
const MOST_LINKS = 40;

export interface Way {
  /** What the path leads to, relative to the root and without links on the way; what is not there stays as it is written. */
  readonly end: string;
  /** The path as it was before each link and after the last one: whatever decides where it leads. */
  readonly passed: readonly string[];
  /** The links themselves, each without links on the way to it. */
  readonly links: readonly string[];
}

/** Follows a path of a tree, which may be absolute. */
export function wayInside(root: string, path: string): Way {
  const passed: string[] = [];
  const links: string[] = [];
  let rest = namesOf(path);
  let done: readonly string[] = [];
  while (rest.length > 0) {
    const [name = "", ...after] = rest;
    rest = after;
    if (name === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const next = [...done, name];
    const target = links.length < MOST_LINKS ? linkAt(join(root, ...next)) : undefined;
    if (target === undefined) {
      done = next;
      continue;
    }
    links.push(next.join("/"));
    // Names that lead up again would hide the link in what is passed.
    passed.push([...next, ...(after.includes("..") ? [] : after)].join("/"));
    rest = [...namesOf(target), ...after];
    if (target.startsWith("/")) done = [];
  }
  const end = done.join("/");
  return { end, passed: [...passed, end], links };
}

/** Where a path leads, in our own mount namespace; there need not be anything. */
export function pathInside(root: string, path: string): string {
  return join(root, wayInside(root, path).end);
}

/** The same for what is to be removed: a link at the end of the path stays one. */
export function entryInside(root: string, path: string): string {
  return join(pathInside(root, dirname(path)), basename(path));
}

/** What is there at the end of a path; undefined: nothing. */
export function statusInside(root: string, path: string): Stats | undefined {
  return statusAt(pathInside(root, path));
}

/** The regular file that a path leads to, in our own mount namespace; undefined where there is none. */
export function fileInside(root: string, path: string): string | undefined {
  const file = pathInside(root, path);
  return statusAt(file)?.isFile() === true ? file : undefined;
}

/** The text of a file; undefined where the path leads to no regular file. */
export function readInside(root: string, path: string): string | undefined {
  const file = fileInside(root, path);
  return file === undefined ? undefined : readFileSync(file, "utf8");
}

/** What a directory has; nothing where the path leads to none. */
export function listInside(root: string, path: string): readonly Dirent[] {
  try {
    return readdirSync(pathInside(root, path), { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Calls `visit` with the way to each of the paths, and to each link to which one comes in the directories below them. */
export function waysBelow(root: string, paths: readonly string[], visit: (way: Way) => void): void {
  const seen = new Set<string>();
  const walk = (directory: string): void => {
    if (seen.has(directory)) return;
    seen.add(directory);
    for (const entry of listInside(root, directory)) {
      const path = posix.join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isSymbolicLink() && !isSourceLink(path)) follow(path);
    }
  };
  const follow = (path: string): void => {
    const way = wayInside(root, path);
    visit(way);
    // All of the tree is nothing to be walked through.
    if (way.end !== "") walk(way.end);
  };
  for (const path of paths) follow(path);
}

/** `build` and `source` beside a kernel's modules: nobody looks for modules there. */
function isSourceLink(path: string): boolean {
  return /^usr\/lib\/modules\/[^/]+\/(?:build|source)$/.test(path);
}

function namesOf(path: string): readonly string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function linkAt(path: string): string | undefined {
  return statusAt(path)?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}

/** Also below what is no directory, and with names that cannot be, there is nothing. */
function statusAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
