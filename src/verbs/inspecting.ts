// What verbs that look into images have in common: which images, and with which tools.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { keptToolbox, projectToolbox } from "../build/toolbox.ts";
import type { Workshop } from "../build/workshop.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { imageName } from "../outputs/names.ts";
import { nodeReport } from "../report/events.ts";
import type { ImageContext } from "../tools/context.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation } from "./verb.ts";

/** Does `work` on the images that are named, or on the project's. @throws {Failure} */
export async function inspecting<T>(
  invocation: Invocation,
  work: (context: ImageContext, images: readonly string[]) => Promise<T>,
): Promise<T> {
  // With --json the result is JSON: nothing else may stand beside it.
  const reported = { ...invocation, args: { ...invocation.args, json: false } };
  return await withReport(reported, async (events) => {
    const project = await projectFor(invocation);
    await using workshop = await workshopFor(invocation, project, events);
    return await work(await contextFor(invocation, workshop, project), imagesOf(invocation, project));
  });
}

/** Whoever names files asks nothing of the project that is beside them, which may be wrong or not there. */
async function projectFor({ args, project, ofOptions }: Invocation): Promise<Project> {
  const names = args.verbArguments;
  return names.length > 0 && names.every((name) => existsSync(name))
    ? await ofOptions(args.assignments)
    : await project();
}

/** Files and directories that are named, and outputs of images of the project that are. */
function imagesOf({ args }: Invocation, project: Project): readonly string[] {
  const output = (name: string | undefined) => {
    const image = imageToRun(project, name);
    return join(outputDirectoryOf(project, image), imageName(image.config));
  };
  if (args.verbArguments.length === 0) return [output(args.image)];
  return args.verbArguments.map((name) => {
    const isImage = !existsSync(name) && project.images.some((image) => image.name === name);
    return isImage ? output(name) : resolve(name);
  });
}

/** Images are looked into with the tools that are there: which one a format takes is told when it is missing. */
async function contextFor(
  { args, ofOptions }: Invocation,
  workshop: Workshop,
  project: Project,
): Promise<ImageContext> {
  const main = mainImage(project);
  const isOpen = main.config.toolsTree === null && main.origin("toolsTree") === undefined;
  const defaultTools = { key: "toolsTree", text: "default", option: "--tools-tree", directory: process.cwd() } as const;
  const kept = isOpen ? await keptToolbox(workshop, await ofOptions([...args.assignments, defaultTools])) : undefined;
  return {
    image: main,
    runner: workshop.runner("inspect"),
    toolbox: kept ?? (await projectToolbox(workshop, project)),
    report: nodeReport("inspect", workshop.events),
    scratch: join(workshop.workspace, "inspect"),
  };
}
