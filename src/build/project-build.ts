// A project's build from start to end: check, get the tools, build the images, publish what came out.

import { join } from "node:path";
import { outputDirectoryOf, type Project } from "../config/project.ts";
import { outputNames } from "../outputs/names.ts";
import { makeWritableDirectory } from "../report/directories.ts";
import { checkImage, requireTools } from "./checks.ts";
import { buildImages } from "./images.ts";
import { createStaging } from "./publish.ts";
import { checkTrees } from "./steps/trees.ts";
import { projectToolbox } from "./toolbox.ts";
import type { Workshop } from "./workshop.ts";

/**
 * Builds all images of a project.
 * @param rebuildTools whether a kept default tools tree is built again
 * @throws {Failure} the first thing that went wrong; earlier outputs are untouched then
 */
export async function buildProject(workshop: Workshop, project: Project, rebuildTools: boolean): Promise<void> {
  const outputs = project.images.map((image) => join(outputDirectoryOf(project, image), image.config.output));
  for (const image of project.images) {
    checkImage(image);
    await checkTrees(image, outputs);
    makeWritableDirectory(outputDirectoryOf(project, image), "OutputDirectory=");
  }
  const toolbox = await projectToolbox(workshop, project, rebuildTools);
  await requireTools(workshop, project.images, toolbox);
  await buildImages(workshop, project.images, toolbox, (image) =>
    createStaging(outputDirectoryOf(project, image), outputNames(image.config)),
  );
}
