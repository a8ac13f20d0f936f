// Configure scripts: programs of the project that get an image's configuration as JSON and print the one to build with.
// They are run by verbs that build or use an image, and by explain; the tools tree has none.

import { join } from "node:path";
import { applyScriptOutput, imagesWithScripts, scriptInput, withImages } from "../../config/configured.ts";
import type { Image, Project } from "../../config/project.ts";
import { nodeReport } from "../../report/events.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { bind, bindReadOnly, type Runner, type Toolbox } from "../../sandbox/spec.ts";
import type { Workshop } from "../workshop.ts";
import { scriptEnvironment } from "./environment.ts";
import { withEnvironmentFiles } from "./environment-files.ts";
import { SCRIPTS, SOURCES } from "./kinds.ts";
import { scriptFailure } from "./run.ts";
import { ensureExecutable } from "./script-file.ts";

const PROGRAM = SCRIPTS.configure.program;

export interface ConfigureOptions {
  /** Where the scripts' programs come from; asked for only when there are scripts. */
  toolbox(): Promise<Toolbox>;
  /** $MKOSI_DEBUG for the scripts. */
  readonly debug: boolean;
}

/**
 * Runs the configure scripts of all images, in the order of the images.
 * @returns the project that they have configured; the same one when there are none
 * @throws {Failure} when a script fails, or prints what is no configuration
 */
export async function configureProject(
  workshop: Workshop,
  project: Project,
  options: ConfigureOptions,
): Promise<Project> {
  if (imagesWithScripts(project).length === 0) return project;
  const toolbox = await options.toolbox();
  const images: Image[] = [];
  for (const image of project.images) {
    const configure = () =>
      configureImage(workshop.runner(image.name), project, image, { toolbox, debug: options.debug });
    const { length } = image.config.configureScripts;
    const { phase } = nodeReport(image.name, workshop.events);
    images.push(length === 0 ? image : await phase(`Running configure script${length > 1 ? "s" : ""}`, configure));
  }
  return withImages(project, images);
}

/** The image as its scripts configure it, each getting what the one before has printed. */
export async function configureImage(
  runner: Runner,
  project: Project,
  image: Image,
  options: { readonly toolbox: Toolbox; readonly debug: boolean },
): Promise<Image> {
  let result = image;
  for (const script of image.config.configureScripts) {
    await ensureExecutable(result, "configureScripts", script);
    const { stdout } = await runner
      .run({
        argv: [PROGRAM],
        base: { kind: "tools", toolbox: options.toolbox },
        mounts: [
          { type: "dir", target: SOURCES },
          ...result.config.buildSources.map(({ source, target }) => bind(source, join(SOURCES, target ?? ""))),
          bindReadOnly(script, PROGRAM),
        ],
        env: scriptEnvironment("configure", script, withEnvironmentFiles(result), { debug: options.debug }),
        cwd: SOURCES,
        input: scriptInput(result),
        output: "capture",
      })
      .catch((error: unknown) => {
        throw error instanceof CommandFailure ? scriptFailure(error, "configure", image, script) : error;
      });
    result = applyScriptOutput(project, result, script, stdout);
  }
  return result;
}
