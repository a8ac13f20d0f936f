// `mkosi build`: builds the project's images.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_INITRD } from "../build/image-build.ts";
import { buildProject, checkBuild } from "../build/project-build.ts";
import { rememberOptions } from "../build/remember.ts";
import { configureProject } from "../build/scripts/configure.ts";
import { projectToolbox } from "../build/toolbox.ts";
import { brokenPromises } from "../config/check-format.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { keepVersion } from "../config/image-version.ts";
import { type Image, mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { imageName } from "../outputs/names.ts";
import { Failure, formatOrigin } from "../report/failure.ts";
import { formatSeconds } from "../report/quantity.ts";
import { projectWithTools, withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const project = await invocation.project();
    await checkBuild(project);
    const { force, rerunBuildScripts } = invocation.args;
    if (force === 0 && !rerunBuildScripts) {
      const existing = project.images.flatMap((image) => existingOutput(project, image)).at(-1);
      if (existing !== undefined && isBuilt(project)) {
        const text = `${existing} exists already: add -f to build it again`;
        const message = { type: "message", level: "info", text, time: Date.now() } as const;
        return await withReport(invocation, async (events) => events(message));
      }
      if (existing !== undefined)
        throw new Failure(`${existing} exists already`, { remedy: "add -f to build it again with the others" });
    }
    await build(invocation, []);
  },
};

/** Whether there is nothing to do without -f: the main image is there, or all others where it has no output of its own. */
function isBuilt(project: Project): boolean {
  const main = mainImage(project);
  const isThere = (image: Image) => existingOutput(project, image).length > 0;
  if (main.config.format !== "none") return isThere(main);
  return main.config.buildScripts.length === 0 && project.images.filter(hasOutput).every(isThere);
}

/**
 * Builds the project unless its outputs are there; with -f always.
 * @param programs what the verb needs besides; where the host lacks one, the default tools tree is used
 * @param images whose outputs the verb is about; undefined: the one that is run
 * @returns the project as it is to be used from now on
 */
export async function ensureBuilt(
  invocation: Invocation,
  programs: readonly string[],
  images?: readonly Image[],
): Promise<Project> {
  const project = await invocation.project();
  const { force, rerunBuildScripts } = invocation.args;
  const used = images ?? [imageToRun(project, invocation.args.image)];
  if (force === 0 && !rerunBuildScripts && used.every((image) => existingOutput(project, image).length > 0)) {
    return await usedProject(invocation, programs);
  }
  await checkBuild(project);
  return await build(invocation, programs);
}

/**
 * The project as its configure scripts make it; nothing is built but tools.
 * @param programs what the verb needs; where the host lacks one, the default tools tree is used
 */
export async function usedProject(invocation: Invocation, programs: readonly string[]): Promise<Project> {
  const project = await invocation.project();
  return await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const withTools = await projectWithTools(invocation, workshop, programs);
    return await configureProject(workshop, withTools, {
      toolbox: () => projectToolbox(workshop, withTools),
      debug: invocation.args.debug,
    });
  });
}

/** Builds a project that has been checked; with the default tools tree where the host lacks a program. */
async function build(invocation: Invocation, programs: readonly string[]): Promise<Project> {
  const started = Date.now();
  const { force, debug, rerunBuildScripts: rerun, wipeBuildDirectory, verb: name, verbArguments } = invocation.args;
  const scripts = {
    arguments: name === "build" ? verbArguments : [],
    debug,
    rerun,
    wiped: force > 1 || wipeBuildDirectory,
  };
  return await withReport(invocation, async (events) => {
    const read = await invocation.project();
    if (rerun) checkRerun(read);
    for (const { message, origin } of read.images.flatMap(brokenPromises)) {
      const text = origin === undefined ? message : `${message} (${formatOrigin(origin)})`;
      events({ type: "message", level: "warning", text, time: Date.now() });
    }
    await using workshop = await workshopFor(invocation, read, events);
    const project = await projectWithTools(invocation, workshop, programs);
    const built = await buildProject(workshop, project, {
      replace: force > 0,
      refetch: force > 2,
      scripts,
      commandLine: invocation.args.optionWords,
    });
    if (invocation.args.remembersBuild) await rememberOptions(read);
    const raised = await invocation.raisedVersion();
    if (raised !== undefined) await keepVersion(raised);
    workshop.say(`Done in ${formatSeconds((Date.now() - started) / 1000)}`);
    return built;
  });
}

/** Build scripts can run in an image that was built, and whose layers were kept. @throws {Failure} */
function checkRerun(project: Project): void {
  const image = mainImage(project);
  const origin = { kind: "option", option: "--rerun-build-scripts" } as const;
  if (image.config.incremental === "no") {
    throw new Failure("--rerun-build-scripts needs what Incremental=no does not keep", {
      origin,
      remedy: "set Incremental=yes, and build the image once",
    });
  }
  if (image.config.format !== "none" && existingOutput(project, image).length === 0) {
    throw new Failure(`image ${image.name} is not built yet, so --rerun-build-scripts has nothing to run them in`, {
      origin,
      remedy: "build it once without --rerun-build-scripts",
    });
  }
}

function hasOutput({ name, config }: Image): boolean {
  return name !== DEFAULT_INITRD && config.format !== "none";
}

/** An image's output if it is there. The default initrd counts as a part of the images that have it. */
function existingOutput(project: Project, image: Image): readonly string[] {
  return (hasOutput(image) ? [join(outputDirectoryOf(project, image), imageName(image.config))] : []).filter(
    existsSync,
  );
}
