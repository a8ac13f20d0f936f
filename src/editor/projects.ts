// The projects that open files belong to: found from the file's place, read anew when something has changed, and what is
// wrong with them.

import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findings, projectOf } from "../build/findings.ts";
import { problemsOfDefinition } from "../config/check-definitions.ts";
import { impossibleSections } from "../config/check-match.ts";
import { unreadProblems } from "../config/check-unread.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import { configDirectoryOf, loadProject } from "../config/load-project.ts";
import type { Image, Project } from "../config/project.ts";
import type { Machine } from "../config/session.ts";
import { kindOfFile } from "./place.ts";
import type { OpenTexts } from "./texts.ts";

export interface LoadedProject {
  /** Its directory. */
  readonly root: string;
  readonly project: Project;
  /** All images, the tools tree first. */
  readonly images: readonly Image[];
  /** Everything that is wrong or odd. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Directories that belong to the configuration around them. */
const INNER = ["mkosi.conf.d", "mkosi.profiles", "mkosi.images", "mkosi.presets", "mkosi.repart", "mkosi.uki-profiles"];
const INNER_TREES = ["mkosi.local", "mkosi.tools.conf", "mkosi.initrd.conf"];

/** The directory of the project that a file is in. */
export function rootOf(path: string): string {
  let root = nearest(dirname(path));
  for (let above = outer(root); above !== undefined; above = outer(root)) root = nearest(above);
  const parent = dirname(root);
  return basename(root) === "mkosi" && configDirectoryOf(parent) === root ? parent : root;
}

/** The directory that has a configuration which this one is a part of. */
function outer(directory: string): string | undefined {
  if (INNER_TREES.includes(basename(directory)) || INNER.includes(basename(directory))) return dirname(directory);
  return INNER.includes(basename(dirname(directory))) ? dirname(dirname(directory)) : undefined;
}

/** The directory itself or the first above it that has a mkosi.conf; itself when there is none. */
function nearest(directory: string): string {
  for (let place = directory; ; place = dirname(place)) {
    if (existsSync(join(place, "mkosi.conf")) || existsSync(join(place, "mkosi.tools.conf"))) return place;
    if (dirname(place) === place) return directory;
  }
}

/** Reads a project with everything that is known of it. */
export async function loadAll(root: string, machine: Machine, texts: OpenTexts): Promise<LoadedProject> {
  texts.beginReading();
  const { project, isWhole } = await projectOf(() =>
    loadProject({ assignments: [], directory: root, strict: false }, machine),
  );
  const images = project.tools === undefined ? project.images : [project.tools, ...project.images];
  const seen = new Set(
    images.flatMap(({ history }) =>
      history.flatMap((event) => (event.type === "assigned" ? [] : [texts.nameOf(event.path)])),
    ),
  );
  const definitions = new Set(images.flatMap(({ config }) => config.repartDirectories));
  // files that are open and that nothing reads at the moment: profiles that nobody has chosen, drafts
  const others = texts.paths().filter((path) => !seen.has(path) && rootOf(path) === root);
  const alone = others.flatMap((path): Diagnostic[] => {
    const kind = kindOfFile(path);
    if (kind === "uki") return [];
    if (kind === "definition")
      return definitions.has(dirname(path)) ? [] : problemsOfDefinition(path, texts.get(path) ?? "");
    return [...unreadProblems(path, true), ...impossibleSections(path)];
  });
  const found = await findings(project, isWhole, false);
  return { root, project, images, diagnostics: [...project.warnings, ...found, ...alone] };
}

/** Milliseconds after which a program that supplies a value has failed. */
const TIME_LIMIT = 5000;

/** A machine whose programs run once, and again only when they have changed: a project is read at every key. */
export function remembering(
  machine: Machine,
  run: (argv: readonly string[], directory: string, timeout: number) => string,
): Machine {
  const results = new Map<string, { readonly stamp: string; readonly result: string | Error }>();
  return {
    ...machine,
    runFile(argv, directory) {
      const key = JSON.stringify([argv, directory]);
      const stat = statSync(argv[0] ?? "", { throwIfNoEntry: false });
      const stamp = `${stat?.mtimeMs}:${stat?.size}`;
      let known = results.get(key);
      if (known?.stamp !== stamp) {
        known = { stamp, result: attempt(() => run(argv, directory, TIME_LIMIT)) };
        results.set(key, known);
      }
      if (typeof known.result === "string") return known.result;
      throw known.result;
    },
  };
}

function attempt(work: () => string): string | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
