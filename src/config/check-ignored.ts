// Files that look like configuration and are not read: names that nothing looks for, links that lead nowhere, a
// directory that another one hides.

import { basename, dirname, join } from "node:path";
import { GONE_FILES } from "../facts/gone.ts";
import { suggest } from "../report/suggest.ts";
import { rows } from "../settings/index.ts";
import { isDirectory, lookAt, namesIn } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Project } from "./project.ts";

/** Directories of which all directories and .conf files count. */
const COLLECTIONS = ["mkosi.conf.d", "mkosi.profiles", "mkosi.images"];
const KNOWN = new Set([
  ...["mkosi.conf", "mkosi.local", "mkosi.local.conf", "mkosi.tools.conf", "mkosi.initrd.conf", "mkosi.bump"],
  ...COLLECTIONS,
  ...Object.keys(GONE_FILES),
  ...rows.flatMap(([, row]) =>
    [...(row.pickup ?? []), ...(row.pickupEach ?? [])].map((name) => name.split("/", 1)[0] ?? ""),
  ),
]);
/** What lies beside configuration on purpose: notes, copies of editors, files that are switched off. */
const BESIDE = /^\.|^README|\.(md|txt|bak|old|orig|rej|sw[op]|disabled|off|example|sample|in)$|~$/i;

/**
 * Warnings about what is ignored in the project's directory and in all directories with a configuration.
 * @param files the configuration files that were read or left out by their conditions
 */
export function ignoredFiles({ configDirectory, directory }: Project, files: Iterable<string>): Diagnostic[] {
  if (configDirectory === undefined) return [];
  const own = [...files].filter((path) => basename(path) === "mkosi.conf").map((path) => dirname(path));
  const found = [...new Set([configDirectory, ...own])].flatMap((each) => ignoredIn(each));
  const hidden = join(directory, "mkosi");
  if (configDirectory !== hidden && lookAt(join(hidden, "mkosi.conf"))?.isFile() === true)
    found.push(
      ignored(hidden, "is not read, as the directory that it is in has a configuration of its own", {
        remedy: "Have the configuration in one of the two.",
      }),
    );
  return found;
}

function ignoredIn(directory: string): Diagnostic[] {
  const misspelled = names(directory).flatMap((name) => {
    if (!name.startsWith("mkosi.") || KNOWN.has(name) || BESIDE.test(name)) return [];
    const near = suggest(
      name.slice("mkosi.".length),
      [...KNOWN].map((known) => known.slice("mkosi.".length)),
    );
    if (near === undefined) return [];
    return [ignored(join(directory, name), "is not read", { remedy: `Did you mean mkosi.${near}?` })];
  });
  return [...misspelled, ...COLLECTIONS.flatMap((name) => ignoredInCollection(join(directory, name)))];
}

function ignoredInCollection(directory: string): Diagnostic[] {
  if (!isDirectory(directory)) return [];
  return names(directory).flatMap((name) => {
    const path = join(directory, name);
    const stat = lookAt(path);
    if (BESIDE.test(name) || stat?.isDirectory() === true) return [];
    // whoever reads drop-ins has told of links
    if (stat === undefined && basename(directory) === "mkosi.conf.d") return [];
    if (!name.endsWith(".conf"))
      return [ignored(path, "is not read: it is no directory, and its name does not end in .conf")];
    return stat === undefined ? [ignored(path, "is not read: it is a symbolic link that leads nowhere")] : [];
  });
}

/** None for a directory that cannot be read; whoever needs it has said so. */
function names(directory: string): string[] {
  try {
    return namesIn(directory);
  } catch (error) {
    if (error instanceof ValueError) return [];
    throw error;
  }
}

function ignored(path: string, why: string, { remedy = "Rename or remove it." } = {}): Diagnostic {
  return { level: "warning", message: `${path} ${why}`, origin: { kind: "pickup", path }, remedy };
}
