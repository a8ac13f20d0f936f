// From a command line and a directory to a project: the entry to everything in this folder.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { goneValue } from "../facts/gone.ts";
import type { Origin } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import type { OptionAssignment } from "../settings/option.ts";
import { isFile } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import { ConfigurationFailure, type Diagnostic, inFileOrder } from "./diagnostics.ts";
import { reportBadEpoch } from "./epoch.ts";
import { type Finished, finish, toImage } from "./finished.ts";
import { assignedEvent } from "./history.ts";
import { type LoadedImage, loadInitrd, loadSubImages, loadTools, outputPath, type ProjectPlaces } from "./images.ts";
import { loadIncludes, loadPath } from "./load.ts";
import { buildOrder } from "./order.ts";
import { reportUnknownProfiles } from "./profiles.ts";
import type { Project } from "./project.ts";
import { type Machine, newSession, parseContext, type Session } from "./session.ts";
import { excerptAt } from "./source.ts";
import { type ImageState, newState } from "./state.ts";
import { reportNoConfiguration, reportOldFiles } from "./unknown.ts";
import { assign, rowOf, targetOf } from "./values.ts";

/** What a command line says about the configuration. */
export interface ProjectRequest {
  readonly assignments: readonly OptionAssignment[];
  /** Absolute; undefined: no configuration files are read. */
  readonly directory: string | undefined;
  /** Unknown names are errors. */
  readonly strict: boolean;
  /** Whether options that were remembered when the images were built count, too (History=). Default false. */
  readonly usesLatestBuild?: boolean;
}

/**
 * Reads the configuration of a project.
 * @throws {ConfigurationFailure} with everything that is wrong with it
 */
export async function loadProject(request: ProjectRequest, machine: Machine): Promise<Project> {
  const session = newSession(machine);
  const places = findPlaces(request.directory);
  const state = newState("main", request.directory, machine.environment);
  assignOptions(session, state, request.assignments);
  if (request.usesLatestBuild === true) await takeLatestBuild(session, state, places);
  const commandLine = new Map(state.cli);
  loadIncludes(session, state, places.workingDirectory);
  state.files.length = 0;
  const { configDirectory } = places;
  if (configDirectory !== undefined) {
    loadPath(session, state, configDirectory, {
      workingDirectory: configDirectory,
      profiles: true,
      local: true,
      asWritten: true,
    });
  }
  reportOldFiles(session, configDirectory);
  const main: LoadedImage = { state, finished: finish(state) };
  reportBadEpoch(session, state);
  const tools = resolveToolsTree(session, places, main);
  const subImages = loadSubImages(session, places, main);
  if (!state.cli.has("dependencies") && !state.config.has("dependencies")) {
    main.finished.set("dependencies", { value: subImages.map((image) => image.state.name), origins: [] });
  }
  if (
    configDirectory !== undefined &&
    state.history.length === 0 &&
    subImages.length === 0 &&
    !hasFile(configDirectory)
  )
    reportNoConfiguration(session, configDirectory);
  const others = addDefaultInitrd(session, places, main, subImages);
  reportUnknownProfiles(session, main, others, tools);
  const ordered = orderImages(session, main, others);
  const diagnostics = settled(session, request.strict);
  const project = {
    directory: places.workingDirectory,
    configDirectory,
    images: [...ordered, main].map((image) => toImage(image.state, image.finished)),
    tools: tools === undefined ? undefined : toImage(tools.state, tools.finished),
    builtin: machine.builtin,
    latestBuildFiles: latestBuildFiles(places, main.finished.get("outputDirectory")?.value),
    optionsToRemember:
      main.finished.get("history")?.value === true
        ? (await import("./latest-build.ts")).optionsToRemember(state, commandLine)
        : undefined,
    warnings: diagnostics,
  };
  if (diagnostics.some(({ level }) => level === "error")) throw new ConfigurationFailure(diagnostics, project);
  return project;
}

/** Where the options of the latest build are kept: with the configuration, and with the outputs. */
function latestBuildFiles({ configDirectory }: ProjectPlaces, outputDirectory: unknown): string[] {
  if (configDirectory === undefined) return [];
  const directories = new Set([configDirectory, ...(typeof outputDirectory === "string" ? [outputDirectory] : [])]);
  return [...directories].map((directory) => join(directory, ".mkosi-private/history/latest.json"));
}

/** An output directory on the command line has options of its own; without any, those of the project count. */
async function takeLatestBuild(session: Session, state: ImageState, places: ProjectPlaces): Promise<void> {
  const files = latestBuildFiles(places, state.cli.get("outputDirectory")?.value);
  const file = files.findLast((path) => existsSync(path));
  if (file !== undefined) (await import("./latest-build.ts")).takeRememberedOptions(session, state, file);
}

/** The configuration may be in a sub-directory mkosi/ of the project. */
function findPlaces(directory: string | undefined): ProjectPlaces {
  if (directory === undefined) return { workingDirectory: process.cwd(), configDirectory: undefined };
  return { workingDirectory: directory, configDirectory: configDirectoryOf(directory) };
}

/** Where the configuration of the project in a directory is: there, or in mkosi/ below it. */
export function configDirectoryOf(directory: string): string {
  if (hasFile(directory)) return directory;
  const sub = join(directory, "mkosi");
  const hasConfig = isFile(join(sub, "mkosi.conf"));
  return hasConfig || existsSync(join(sub, "mkosi.tools.conf")) ? sub : directory;
}

/** Whether it has a file that makes it a directory of configuration. */
function hasFile(directory: string): boolean {
  return existsSync(join(directory, "mkosi.conf")) || existsSync(join(directory, "mkosi.tools.conf"));
}

function assignOptions(session: Session, state: ImageState, assignments: readonly OptionAssignment[]): void {
  for (const { key, text, option, directory } of assignments) {
    const origin = { kind: "option", option } as const;
    const report = (level: "error" | "warning", message: string, remedy?: string): void => {
      session.diagnostics.push({ level, message, remedy, origin });
    };
    const previous = state.cli.get(targetOf(key))?.value;
    const context = parseContext(session, directory, previous, ({ message, remedy, strict }) =>
      session.diagnostics.push({
        level: "warning",
        message: `${option}: ${message}`,
        remedy,
        strict: strict ?? false,
        origin,
      }),
    );
    try {
      const change = rowOf(key).type.parse(text, context);
      assign(state.cli, key, change, () => origin);
      state.history.push(assignedEvent(key, `${option} `, text, change, origin));
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      for (const { message, remedy } of error.all)
        report("error", `${option}: ${message}`, goneValue(rowOf(key).name, text) ?? remedy);
    }
  }
}

/** `ToolsTree=default` becomes the path of the tree that will be built; the tree is an image of its own. */
function resolveToolsTree(session: Session, places: ProjectPlaces, main: LoadedImage): LoadedImage | undefined {
  const tree = main.finished.get("toolsTree");
  if (tree?.value === "no") main.finished.set("toolsTree", { ...tree, value: null });
  if (tree?.value !== "default" && tree?.value !== "yes") return undefined;
  const { environment } = session.machine;
  if (environment["MKOSI_IN_BOX"] === "1") {
    main.finished.set("toolsTree", { ...tree, value: environment["MKOSI_DEFAULT_TOOLS_TREE_PATH"] ?? null });
    return undefined;
  }
  const tools = loadTools(session, places, main);
  main.finished.set("toolsTree", { ...tree, value: outputPath(tools, fallbackOutput(places)) });
  return tools;
}

function fallbackOutput({ workingDirectory }: ProjectPlaces): string {
  return configDirectoryOf(workingDirectory);
}

/** Where an image's initrd is the default one, that is built before it. */
function addDefaultInitrd(
  session: Session,
  places: ProjectPlaces,
  main: LoadedImage,
  subImages: readonly LoadedImage[],
): LoadedImage[] {
  const wantsDefault = ({ finished }: LoadedImage): boolean => listOf(finished, "initrds").includes("default");
  const wanting = [...subImages, main].filter(wantsDefault);
  if (wanting.length === 0) return [...subImages];
  const initrd = loadInitrd(session, places, main);
  const path = outputPath(initrd, fallbackOutput(places));
  for (const { finished } of wanting) {
    const initrds = finished.get("initrds");
    finished.set("initrds", {
      origins: initrds?.origins ?? [],
      value: listOf(finished, "initrds").map((name) => (name === "default" ? path : name)),
    });
    const dependencies = finished.get("dependencies");
    finished.set("dependencies", {
      origins: [...(dependencies?.origins ?? [])],
      value: [...listOf(finished, "dependencies"), initrd.state.name],
    });
  }
  return [...subImages, initrd];
}

function listOf(finished: Finished, key: "initrds" | "dependencies"): readonly string[] {
  return (finished.get(key)?.value ?? []) as readonly string[];
}

function orderImages(session: Session, main: LoadedImage, others: readonly LoadedImage[]): readonly LoadedImage[] {
  const nodes = others.map((image) => ({
    name: image.state.name,
    dependencies: listOf(image.finished, "dependencies"),
    image,
  }));
  const result = buildOrder(nodes, listOf(main.finished, "dependencies"));
  if (result.kind === "ordered") return result.images.map((node) => node.image);
  const imageOf = (name: string | undefined): LoadedImage => nodes.find((node) => node.name === name)?.image ?? main;
  const placeOf = ({ finished }: LoadedImage, dependency: string): Origin | undefined =>
    finished.get("dependencies")?.origins[listOf(finished, "dependencies").indexOf(dependency)];
  if (result.kind === "cycle") {
    const [from, to = ""] = result.names;
    session.diagnostics.push({
      level: "error",
      message: `images depend on each other in a circle: ${result.names.join(" → ")}`,
      origin: placeOf(imageOf(from), to),
      remedy: "Remove one of these from Dependencies=.",
    });
    return others;
  }
  for (const { name, by } of result.missing) {
    const owner = imageOf(by);
    const near = suggest(
      name,
      nodes.map((node) => node.name),
    );
    session.diagnostics.push({
      level: "error",
      message: `the image “${owner.state.name}” depends on “${name}”, which is no image of this project`,
      origin: placeOf(owner, name),
      remedy:
        near === undefined ? "Images are the directories and .conf files in mkosi.images/." : `Did you mean “${near}”?`,
    });
  }
  return others;
}

/** All errors and warnings in the order in which they are told. What several images share is told once. */
function settled(session: Session, strict: boolean): Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  for (const diagnostic of session.diagnostics) {
    const level = strict && diagnostic.strict === true ? "error" : diagnostic.level;
    // a value with several lines is told on one
    const message = diagnostic.message.replaceAll("\n", " ⏎ ");
    const excerpt = diagnostic.excerpt ?? excerptAt(diagnostic.origin);
    unique.set(JSON.stringify([message, diagnostic.origin]), { ...diagnostic, message, level, excerpt });
  }
  return inFileOrder([...unique.values()]);
}
