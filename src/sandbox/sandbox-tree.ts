// What of SandboxTrees= a sandbox has as it is. The rest is merged with the toolbox's own (merged-toolbox.ts).

import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Entries beside /usr that are links into it on a merged system, and directories of their own on others. */
export const USR_LINKS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/** Taken over from the toolbox's /etc: what programs in its /usr cannot work without. */
export const TOOLBOX_ETC = [
  "alternatives",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "ssl",
  "ca-certificates",
  "pki",
  "crypto-policies",
  "static",
];

/** What a tree puts into a sandbox besides what is merged. */
export interface OwnEntries {
  readonly arguments: readonly string[];
  /** Names in /etc that are its own. */
  readonly etc: ReadonlySet<string>;
}

export const NOTHING_OWN: OwnEntries = { arguments: [], etc: new Set() };

/** Directories in which others put files, too: of these each file has a mount of its own. */
const SHARED_DIRECTORIES = ["etc", "var", "run", "tmp", "root", "home"];

/**
 * Arguments of bubblewrap for what is in a tree.
 * @param replaced paths in the sandbox that something else is mounted on
 */
export function sandboxEntries(directory: string, replaced: ReadonlySet<string>): OwnEntries {
  const etc = join(directory, "etc");
  const merged = new Set(TOOLBOX_ETC);
  const names = entryNames(directory).filter((name) => name !== "usr" && !USR_LINKS.includes(name));
  return {
    arguments: names.flatMap((name) => {
      if (!SHARED_DIRECTORIES.includes(name)) return ["--ro-bind", join(directory, name), `/${name}`];
      const inside = entryNames(join(directory, name)).filter((entry) => name !== "etc" || !merged.has(entry));
      return inside.flatMap((entry) => entryArguments(join(directory, name, entry), `/${name}/${entry}`, replaced));
    }),
    etc: new Set(entryNames(etc)),
  };
}

function entryArguments(source: string, target: string, replaced: ReadonlySet<string>): string[] {
  if (replaced.has(target)) return [];
  const status = lstatSync(source);
  if (status.isSymbolicLink()) return ["--symlink", readlinkSync(source), target];
  if (!status.isDirectory()) return ["--ro-bind", source, target];
  return [
    "--dir",
    target,
    ...entryNames(source).flatMap((name) => entryArguments(join(source, name), `${target}/${name}`, replaced)),
  ];
}

/** None where there is no such directory. */
function entryNames(directory: string): readonly string[] {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  return status?.isDirectory() === true ? readdirSync(directory).toSorted() : [];
}
