// A project's build from start to end: check, get the tools, run configure scripts, build the images, publish.

import { join } from "node:path";
import { type Image, isOutputOf, outputDirectoryOf, type Project } from "../config/project.ts";
import { presentOutputs } from "../outputs/names.ts";
import { makeWritableDirectory } from "../report/directories.ts";
import { Failure } from "../report/failure.ts";
import { redactCommand } from "../report/redact.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { checkBaseTrees } from "./base-trees.ts";
import { checkImage, requireTokens, requireTools } from "./checks.ts";
import { builtIn, removePaths } from "./clean.ts";
import { keepProgress, removeFailed } from "./debug-records.ts";
import { buildImages } from "./images.ts";
import { emptyPackageCaches } from "./package-cache.ts";
import { createStaging } from "./publish.ts";
import { runCleanScripts } from "./scripts/clean-scripts.ts";
import { configureProject } from "./scripts/configure.ts";
import type { ScriptOptions } from "./scripts/run.ts";
import { checkTrees } from "./steps/trees.ts";
import { projectToolbox } from "./toolbox.ts";
import type { Workshop } from "./workshop.ts";

export interface BuildOptions {
  /** Whether what earlier builds have left is removed where this one does not make it again. */
  readonly replace: boolean;
  /** Whether packages that were downloaded are downloaded again. */
  readonly refetch: boolean;
  readonly scripts: ScriptOptions;
  /** The options of the command line by which others find the same project. */
  readonly commandLine: readonly string[];
}

/** Checks what can be checked of an image without running or writing anything. @throws {Failure} the first problem */
export async function checkImageOf(project: Project, image: Image): Promise<void> {
  const outputs = project.images.map((each) => join(outputDirectoryOf(project, each), each.config.output));
  checkImage(image);
  await checkTrees(image, outputs);
  await checkBaseTrees(image, (path) =>
    project.images.some((other) => other !== image && isOutputOf(project, other, path)),
  );
}

/** Checks what can be checked of a build without running anything. @throws {Failure} */
export async function checkBuild(project: Project): Promise<void> {
  for (const image of project.images) {
    await checkImageOf(project, image);
    makeWritableDirectory(outputDirectoryOf(project, image), "OutputDirectory=");
  }
}

/**
 * Builds all images of a project that checkBuild has let through.
 * @returns the project as its configure scripts want it
 * @throws {Failure} the first thing that went wrong; earlier outputs are untouched then
 */
export async function buildProject(workshop: Workshop, read: Project, options: BuildOptions): Promise<Project> {
  if (options.replace) await runCleanScripts(workshop, read, options.scripts);
  if (options.scripts.wiped) await removePaths(builtIn(read), () => {});
  if (options.refetch) await emptyPackageCaches(read, workshop);
  const { project, toolbox } = await configuredProject(workshop, read, options);
  await requireTools(workshop, project.images, toolbox);
  await requireTokens(workshop, project.images, toolbox);
  await removeFailed(workshop.cache, project.directory);
  const building = buildImages(workshop, project, {
    toolbox,
    scripts: options.scripts,
    place(image) {
      const directory = outputDirectoryOf(project, image);
      return createStaging(directory, () => (options.replace ? presentOutputs(directory, image.config) : []));
    },
  });
  await building.catch(async (error: unknown) => {
    throw error instanceof Failure ? await debuggable(workshop, project, error, options.commandLine) : error;
  });
  await keepProgress(workshop, project, false);
  return project;
}

/** A failure of a step with what can be done to look into it; the steps before it are kept for that. */
async function debuggable(
  workshop: Workshop,
  project: Project,
  failure: Failure,
  commandLine: readonly string[],
): Promise<Failure> {
  const { failed } = workshop.progress.read();
  if (failed === undefined || !project.images.some(({ name }) => name === failed.image)) return failure;
  if (!(await keepProgress(workshop, project, true))) return failure;
  const debug = redactCommand(["mkosi", ...commandLine.map(quoted), "debug"]);
  const script = failed.script === undefined ? "" : `\n${debug} -- ${failed.script.map(quoted).join(" ")}`;
  return new Failure(failure.message, { ...failure.details, cause: failure, again: `${debug}${script}` });
}

/** A word of a command line as it is typed into a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The project after its configure scripts, checked again when there are any, and what it is built with. */
async function configuredProject(
  workshop: Workshop,
  read: Project,
  { scripts }: BuildOptions,
): Promise<{ readonly project: Project; readonly toolbox: Toolbox }> {
  const toolbox = await projectToolbox(workshop, read);
  const project = await configureProject(workshop, read, { toolbox: async () => toolbox, debug: scripts.debug });
  if (project === read) return { project, toolbox };
  await checkBuild(project);
  return { project, toolbox: await projectToolbox(workshop, project) };
}
