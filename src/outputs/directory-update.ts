// What makes one version of a tree another, given which of its paths may be different: with ten thousand files the few
// that have changed are looked at, and no others.

import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { isUnreadable } from "../tools/names-in.ts";

/** Paths relative to the tree, `.` for itself; parents come before what is in them. */
export interface TreeUpdate {
  /** What goes, with all that is in it. */
  readonly remove: readonly string[];
  /** What is copied: of directories only what they are themselves. */
  readonly copy: readonly string[];
}

/**
 * Compares a tree with its former version.
 * @param changed paths that are not, or not certainly, the same in both, with all directories that they are in. Of a
 *   directory that is named, all names in it are compared.
 * @returns undefined when there are names that are not UTF-8, and so cannot be told apart
 */
export function planUpdate(tree: string, former: string, changed: Iterable<string>): TreeUpdate | undefined {
  const remove = new Set<string>();
  const copy = new Set<string>();
  /** Replaced with all that is in them. */
  const whole = new Set<string>();
  const isDone = (path: string): boolean => whole.has(path) || (path !== "" && isDone(parentOf(path)));
  const replace = (path: string, now: Stats | undefined, then: Stats | undefined): void => {
    if (isDone(path)) return;
    whole.add(path);
    if (then !== undefined) remove.add(path);
    if (now !== undefined) for (const each of withContents(tree, path, now)) copy.add(each);
  };
  for (const path of [...changed].toSorted(parentsFirst)) {
    if (isUnreadable(path)) return undefined;
    // Not below what is no directory any more, or a link to one.
    if (isDone(path)) continue;
    const [now, then] = [look(tree, path), look(former, path)];
    if (now?.isDirectory() !== true || then?.isDirectory() !== true) {
      replace(path, now, then);
      continue;
    }
    copy.add(path === "" ? "." : path);
    const [names, formerNames] = [namesIn(tree, path), namesIn(former, path)];
    for (const name of new Set([...names, ...formerNames])) {
      if (isUnreadable(name)) return undefined;
      if (names.has(name) && formerNames.has(name)) continue;
      const child = path === "" ? name : `${path}/${name}`;
      replace(child, look(tree, child), look(former, child));
    }
  }
  if ([...copy, ...remove].some(isUnreadable)) return undefined;
  return { remove: [...remove], copy: [...copy].toSorted(depthFirst) };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function look(tree: string, path: string): Stats | undefined {
  return lstatSync(join(tree, path), { throwIfNoEntry: false });
}

function namesIn(tree: string, path: string): ReadonlySet<string> {
  return new Set(readdirSync(join(tree, path)));
}

function withContents(tree: string, path: string, status: Stats): readonly string[] {
  if (!status.isDirectory()) return [path];
  const below = readdirSync(join(tree, path)).map((name) => `${path}/${name}`);
  return [
    path,
    ...below.flatMap((child) =>
      isUnreadable(child) ? [child] : withContents(tree, child, lstatSync(join(tree, child))),
    ),
  ];
}

/** What is in a directory comes right after it, as tar wants it to set times of directories that are complete. */
function depthFirst(left: string, right: string): number {
  const [a, b] = [left, right].map((path) => (path === "." ? "" : path.replaceAll("/", "\0"))) as [string, string];
  return a < b ? -1 : a === b ? 0 : 1;
}

/** A path is longer than those that it is in. */
function parentsFirst(left: string, right: string): number {
  return left.length - right.length || (left < right ? -1 : 1);
}
