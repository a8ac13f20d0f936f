// Where a name leads: an included file, a script or tree, the file of a profile or an image, and for a setting's name all
// other places that set it, the one that counts first.

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { explain } from "../config/explain.ts";
import { keyByName } from "../config/session.ts";
import { targetOf } from "../config/values.ts";
import type { Origin } from "../report/failure.ts";
import { BUILTIN_CONFIGURATIONS } from "../settings/types/builtin.ts";
import { workingDirectory } from "./completion.ts";
import type { Place } from "./place.ts";
import type { LoadedProject } from "./projects.ts";

/** A place in a file; line and column from 1. */
export interface Target {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

export function definitionsOf(place: Place, path: string, line: number, loaded: LoadedProject | undefined): Target[] {
  if (place.what === "key") return loaded === undefined ? [] : otherAssignments(place.key, path, line + 1, loaded);
  if (place.what !== "value" || place.word === "") return [];
  return fileOf(place, path, loaded).map((target) => ({ path: target, line: 1, column: 1 }));
}

/** In which directory the names of a setting, or of a condition, are looked for. */
export function namesOf(key: string): "mkosi.profiles" | "mkosi.images" | undefined {
  if (key === "Profiles" || key === "Profile") return "mkosi.profiles";
  return key === "Dependencies" || key === "Image" ? "mkosi.images" : undefined;
}

function fileOf({ key, word }: Place, path: string, loaded: LoadedProject | undefined): string[] {
  const here = workingDirectory(path, loaded);
  const directory = namesOf(key);
  if (directory !== undefined) {
    const bases = [here, ...(loaded === undefined ? [] : [loaded.project.configDirectory ?? loaded.root])];
    return confs(
      [...new Set(bases)].flatMap((base) => [join(base, directory, word), join(base, directory, `${word}.conf`)]),
    );
  }
  if (key === "Include" && BUILTIN_CONFIGURATIONS.some((name) => name === word))
    return confs([join(loaded?.project.builtin ?? "", word)]);
  const source = word.split(":", 1)[0] ?? "";
  return source.includes("%") ? [] : confs([resolve(here, source)]);
}

/** The files there are; of a directory its mkosi.conf, if it has one. */
function confs(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) return [];
    if (!statSync(path).isDirectory()) return [path];
    const conf = join(path, "mkosi.conf");
    return existsSync(conf) ? [conf] : [];
  });
}

function otherAssignments(name: string, path: string, line: number, { project }: LoadedProject): Target[] {
  const key = keyByName.get(name);
  if (key === undefined) return [];
  const found = new Map<string, Target>();
  for (const { assignments } of explain(project, [targetOf(key)])) {
    // what comes last counts
    for (const { assignment } of assignments.toReversed()) {
      const target = targetIn(assignment.origin);
      if (target === undefined || (target.path === path && target.line === line)) continue;
      found.set(`${target.path}:${target.line}`, target);
    }
  }
  return [...found.values()];
}

/** An origin as a place in a file; undefined for options, and for what is no file. */
function targetIn(origin: Origin): Target | undefined {
  if (origin.kind === "file") return origin;
  if (origin.kind === "option" || !existsSync(origin.path) || statSync(origin.path).isDirectory()) return undefined;
  return { path: origin.path, line: 1, column: 1 };
}
