// The configuration files of a project by the names that the language gives them, whether their conditions hold or not:
// for what works on the files themselves.

import { join, resolve } from "node:path";
import { entriesIn, isDirectory, isFile, type Kind, lookAt } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import { configDirectoryOf } from "./load-project.ts";
import { readConfigFile } from "./source.ts";

/** `config`: mkosi's own; `definition`: systemd's, which partition definitions are in. */
export type Dialect = "config" | "definition";

export interface ProjectFile {
  /** Absolute. */
  readonly path: string;
  readonly dialect: Dialect;
}

/** Directories whose entries are configurations: a file NAME.conf, or a directory with a mkosi.conf. */
const COLLECTIONS = ["mkosi.conf.d", "mkosi.profiles", "mkosi.images", "mkosi.presets"];
/** What may be a file or a directory of configuration. */
const ALONE = ["mkosi.conf", "mkosi.local.conf", "mkosi.local", "mkosi.tools.conf", "mkosi.initrd.conf"];
/** Directories of files of other kinds. */
const OTHERS: readonly (readonly [name: string, dialect: Dialect])[] = [
  ["mkosi.repart", "definition"],
  ["mkosi.uki-profiles", "config"],
];

/** All configuration files of the project in a directory, and those below it that they include, by path. */
export function projectFiles(directory: string): ProjectFile[] {
  const found = new Map<string, ProjectFile>();
  const root = resolve(directory);
  visitDirectory(found, configDirectoryOf(root));
  // what is included is added while we go
  for (const { path, dialect } of found.values()) {
    if (dialect === "definition") continue;
    for (const target of includesOf(path)) {
      if (!target.startsWith(`${root}/`)) continue;
      const stat = lookAt(target);
      if (stat?.isDirectory() === true) visitDirectory(found, target);
      else if (stat?.isFile() === true) found.set(target, { path: target, dialect: "config" });
    }
  }
  return [...found.values()];
}

/** In which dialect a file is, by the directory that it is in. */
export function dialectOf(path: string): Dialect {
  return /(?:^|\/)mkosi\.repart\/[^/]+$/.test(path) ? "definition" : "config";
}

function visitDirectory(found: Map<string, ProjectFile>, directory: string): void {
  for (const name of ALONE) visit(found, join(directory, name));
  for (const name of COLLECTIONS) {
    for (const entry of entries(join(directory, name))) {
      const path = join(directory, name, entry.name);
      if (entry.kind === "directory") visitDirectory(found, path);
      else if (entry.kind === "file" && isConf(entry.name)) found.set(path, { path, dialect: "config" });
    }
  }
  for (const [name, dialect] of OTHERS) {
    for (const entry of entries(join(directory, name))) {
      const path = join(directory, name, entry.name);
      if (entry.kind === "file" && isConf(entry.name)) found.set(path, { path, dialect });
    }
  }
}

function visit(found: Map<string, ProjectFile>, path: string): void {
  if (isFile(path)) found.set(path, { path, dialect: "config" });
  else if (isDirectory(path)) visitDirectory(found, path);
}

function entries(directory: string): { readonly name: string; readonly kind: Kind | undefined }[] {
  if (!isDirectory(directory)) return [];
  try {
    return entriesIn(directory);
  } catch (error) {
    // whoever reads the project tells of it
    if (error instanceof ValueError) return [];
    throw error;
  }
}

function isConf(name: string): boolean {
  return name.endsWith(".conf") && name !== ".conf";
}

/** The paths that a file includes, as far as they hold no specifier. */
function includesOf(path: string): string[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  return file.sections(new Set(["Include", "Config"])).flatMap((section) =>
    section.items.flatMap((item) => {
      if (item.kind !== "entry" || item.key !== "Include") return [];
      const words = item.lines.flatMap(({ text }) => text.split(/[\s,]+/)).filter((word) => word !== "");
      return words.filter((word) => !word.includes("%")).map((word) => resolve(file.directory(), word));
    }),
  );
}
