// A project's build from start to end: check, get the tools, build the images, publish what came out.

import { join } from "node:path";
import { outputDirectoryOf, type Project } from "../config/project.ts";
import { presentOutputs } from "../outputs/names.ts";
import { makeWritableDirectory } from "../report/directories.ts";
import { checkImage, requireTools } from "./checks.ts";
import { buildImages } from "./images.ts";
import { createStaging } from "./publish.ts";
import { checkTrees } from "./steps/trees.ts";
import { projectToolbox } from "./toolbox.ts";
import type { Workshop } from "./workshop.ts";

export interface BuildOptions {
  /** Whether what earlier builds have left is removed where this one does not make it again. */
  readonly replace: boolean;
  /** Whether a kept default tools tree is built again. */
  readonly rebuildTools: boolean;
}

/** Checks what can be checked of a build without running anything. @throws {Failure} */
export async function checkBuild(project: Project): Promise<void> {
  const outputs = project.images.map((image) => join(outputDirectoryOf(project, image), image.config.output));
  for (const image of project.images) {
    checkImage(image);
    await checkTrees(image, outputs);
    makeWritableDirectory(outputDirectoryOf(project, image), "OutputDirectory=");
  }
}

/**
 * Builds all images of a project that checkBuild has let through.
 * @throws {Failure} the first thing that went wrong; earlier outputs are untouched then
 */
export async function buildProject(workshop: Workshop, project: Project, options: BuildOptions): Promise<void> {
  const toolbox = await projectToolbox(workshop, project, options.rebuildTools);
  await requireTools(workshop, project.images, toolbox);
  await buildImages(workshop, project.images, toolbox, (image) => {
    const directory = outputDirectoryOf(project, image);
    return createStaging(directory, () => (options.replace ? presentOutputs(directory, image.config) : []));
  });
}
