// Places in a tree for Step.looksAt. Each place stands for all paths that begin with it.

import { posix } from "node:path";
import { listInside, wayInside, waysBelow } from "./inside.ts";

/** Where to look; undefined: everywhere. */
export type Places = readonly string[] | undefined;

/** Of what reads files, or directories with all below, and follows the links that it finds there. */
export function placesBelow(root: string, paths: readonly string[]): Places {
  const places = new Set(paths.map(relative));
  waysBelow(root, paths, ({ passed }) => {
    for (const path of passed) places.add(path);
  });
  return union([[...places]]);
}

/** A pattern matches more than anybody wants to follow. */
const MANY = 5000;

/** Of what acts on all that a pattern of glob(7) matches, also behind links. Some of them may be of other names. */
export function placesOfPattern(root: string, pattern: string): Places {
  const path = relative(pattern);
  const start = path.slice(0, magicIn(path));
  if (start === path) return union([[path, ...wayInside(root, path).passed]]);
  const cut = start.lastIndexOf("/") + 1;
  const begin = start.slice(cut);
  const directory = wayInside(root, start.slice(0, cut));
  const places = new Set([start, ...directory.passed.map((passed) => (passed === "" ? begin : `${passed}/${begin}`))]);
  const parts = path.slice(cut).split("/");
  let ends: readonly string[] = [directory.end];
  for (const [level] of parts.entries()) {
    const ways = ends.flatMap((end) =>
      listInside(root, end)
        .filter(
          (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && (level > 0 || entry.name.startsWith(begin)),
        )
        .map(({ name }) => wayInside(root, posix.join(end, name))),
    );
    if (ways.length > MANY) return undefined;
    // What is no link lies below one of the places.
    for (const { passed } of ways.filter((way) => way.passed.length > 1)) for (const link of passed) places.add(link);
    ends = [...new Set(ways.map(({ end }) => end))];
  }
  return union([[...places]]);
}

/** All of them together. */
export function union(all: readonly Places[]): Places {
  const places: string[] = [];
  for (const some of all) {
    if (some === undefined || some.includes("")) return undefined;
    places.push(...some);
  }
  return withoutCovered(places);
}

/** Where a pattern, a specifier, an escape or a quotation begins. */
export function magicIn(path: string): number {
  const index = path.search(/[*?[{%\\'"]/);
  return index < 0 ? path.length : index;
}

function relative(path: string): string {
  return path
    .split("/")
    .filter((name, index, names) => name !== "." && (name !== "" || (index > 0 && index === names.length - 1)))
    .join("/");
}

/** Without those that begin with another one. */
function withoutCovered(places: readonly string[]): readonly string[] {
  const result: string[] = [];
  for (const place of places.toSorted())
    if (result.length === 0 || !place.startsWith(result.at(-1) ?? "")) result.push(place);
  return result;
}
