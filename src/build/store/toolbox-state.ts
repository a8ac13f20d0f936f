// What tells that the tools have changed: programs, their libraries, and all else that they and scripts find in /usr.

import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "../../sandbox/list-files.ts";
import { TOOLBOX_ETC, USR_LINKS } from "../../sandbox/sandbox-tree.ts";
import type { Toolbox } from "../../sandbox/spec.ts";
import { namesIn } from "../../tools/names-in.ts";
import { digestText } from "./key.ts";

/**
 * A text that changes with a toolbox. Of a tree that is named by its path, every file counts, by its inode, size, mode and
 * time of change; of the host, its packages and the programs.
 * @param without says which files below the search paths do not count
 */
export async function toolboxState(toolbox: Toolbox, without?: (path: string) => boolean): Promise<string> {
  const searched = toolbox.searchPaths.map((path) => `${path}\n${listingOf(path, without)}`);
  return digestText([await rootState(toolbox), ...searched].join("\n"));
}

async function rootState(toolbox: Toolbox): Promise<string> {
  if (toolbox.kind === "host") return hostState();
  if (toolbox.built !== undefined) return toolbox.built;
  const { root } = toolbox;
  const places = ["usr", ...USR_LINKS, ...TOOLBOX_ETC.map((name) => join("etc", name))]
    .map((name) => join(root, name))
    .filter((path) => statusOf(path) !== undefined);
  const listing = (await listFiles(places)) ?? places.map((path) => listingOf(path)).join("\n");
  return digestText(listing);
}

/** Package databases change when programs, their libraries and what these read are installed or updated, … */
const SIGNS = [
  ...["var/lib/dpkg/status", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"],
  // openSUSE's
  ...["usr/lib/sysimage/rpm/Packages.db"],
  ...["var/lib/pacman/local", "usr/lib/apk/db/installed", "lib/apk/db/installed", "usr/lib/os-release"],
];
/** … and programs may come without any package. */
const PROGRAMS = ["usr/bin", "usr/sbin", "usr/lib/systemd", "usr/local/bin", "usr/local/sbin"];

function hostState(): string {
  const programs = PROGRAMS.flatMap((directory) => namesIn(join("/", directory)).map((name) => join(directory, name)));
  return [...SIGNS, ...programs.toSorted()]
    .map((name) => join("/", name))
    .map((path) => `${path} ${describe(statSync(path, { throwIfNoEntry: false }))}`)
    .join("\n");
}

/** Everything at a path and below. Where links lead is no part of it, but for the files that they lead to. */
function listingOf(path: string, without?: (path: string) => boolean): string {
  const lines: string[] = [];
  const add = (name: string): void => {
    if (without?.(name) === true) return;
    const status = statusOf(name);
    const target = status?.isSymbolicLink() === true ? describe(statSync(name, { throwIfNoEntry: false })) : "";
    lines.push(`${name} ${describe(status)} ${target}`);
    if (status?.isDirectory() === true) for (const child of readdirSync(name).toSorted()) add(join(name, child));
  };
  add(realPath(path));
  return lines.join("\n");
}

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function describe(status: Stats | undefined): string {
  return status === undefined ? "missing" : `${status.ino} ${status.size} ${status.mode} ${status.ctimeMs}`;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
