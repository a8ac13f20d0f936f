// The images beside the main one: those in mkosi.images/, the default tools tree and the default initrd.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDirectory, namesIn } from "../settings/types/files.ts";
import type { Finished } from "./finished.ts";
import { finish } from "./finished.ts";
import { initrdState, subImageState, toolsState } from "./inherit.ts";
import { loadPath } from "./load.ts";
import { listDirectory, type Session } from "./session.ts";
import { current, type ImageState } from "./state.ts";

/** An image whose configuration is read. */
export interface LoadedImage {
  readonly state: ImageState;
  readonly finished: Finished;
}

/** Where the project's files are. */
export interface ProjectPlaces {
  /** What file images' relative paths are relative to. */
  readonly workingDirectory: string;
  /** Where mkosi.conf and its neighbours are; undefined when no configuration is read. */
  readonly configDirectory: string | undefined;
}

/** The images of mkosi.images/ whose conditions hold, by name. */
export function loadSubImages(session: Session, places: ProjectPlaces, main: LoadedImage): LoadedImage[] {
  const { configDirectory } = places;
  // mkosi.presets is what mkosi.images was called before 2024
  const names =
    configDirectory === undefined ? [] : ["mkosi.images", "mkosi.presets"].map((name) => join(configDirectory, name));
  const directory = names.find((path) => existsSync(path));
  if (directory === undefined) return [];
  if (!isDirectory(directory)) {
    session.diagnostics.push({ level: "error", message: `${directory} is not a directory` });
    return [];
  }
  const loaded: LoadedImage[] = [];
  for (const entry of listDirectory(session, directory, namesIn)) {
    const path = join(directory, entry);
    const isDir = isDirectory(path);
    if (!isDir && !(entry.endsWith(".conf") && entry !== ".conf" && existsSync(path))) continue;
    const name = entry.replace(/\.conf$/, "");
    const problem = nameProblem(name, loaded);
    if (problem !== undefined) {
      const origin = { kind: "pickup", path } as const;
      session.diagnostics.push({ level: "error", message: problem, origin, remedy: "Rename it." });
      continue;
    }
    const state = subImageState(name, main.state, main.finished);
    const applies = loadPath(session, state, path, {
      workingDirectory: places.workingDirectory,
      profiles: isDir,
      local: true,
    });
    if (applies) loaded.push({ state, finished: finish(state) });
  }
  return loaded;
}

function nameProblem(name: string, loaded: readonly LoadedImage[]): string | undefined {
  if (name === "") return "this is no name for an image";
  if (["main", "tools", "default-initrd"].includes(name))
    return `“${name}” is the name of an image that every project may have`;
  if (loaded.some(({ state }) => state.name === name)) return `there is another image of the name “${name}”`;
  return undefined;
}

/** The default tools tree: mkosi.tools.conf, then what is built in. */
export function loadTools(session: Session, places: ProjectPlaces, main: LoadedImage): LoadedImage {
  return loadBuiltin(session, places, toolsState(main.state, main.finished), "mkosi.tools.conf", "mkosi-tools");
}

/** The default initrd: mkosi.initrd.conf, then what is built in. */
export function loadInitrd(session: Session, places: ProjectPlaces, main: LoadedImage): LoadedImage {
  return loadBuiltin(session, places, initrdState(main.state, main.finished), "mkosi.initrd.conf", "mkosi-initrd");
}

function loadBuiltin(
  session: Session,
  places: ProjectPlaces,
  state: ImageState,
  own: string,
  builtin: string,
): LoadedImage {
  const path = places.configDirectory === undefined ? undefined : join(places.configDirectory, own);
  if (path !== undefined && existsSync(path)) {
    const isDir = isDirectory(path);
    loadPath(session, state, path, { workingDirectory: places.workingDirectory, profiles: isDir, local: isDir });
  }
  const tree = join(session.machine.builtin, builtin);
  loadPath(session, state, tree, { workingDirectory: tree, profiles: true, asWritten: true });
  return { state, finished: finish(state) };
}

/** Where an image's output goes, without extension. */
export function outputPath(image: LoadedImage, fallback: string): string {
  const directory = current(image.state, "outputDirectory") as string | null;
  return join(directory ?? fallback, current(image.state, "output") as string);
}
