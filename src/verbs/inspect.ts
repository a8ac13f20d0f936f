// `mkosi inspect`: what an image consists of, whoever has made it.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { keptToolbox, projectToolbox } from "../build/toolbox.ts";
import type { Workshop } from "../build/workshop.ts";
import { imageToRun } from "../config/image-to-run.ts";
import { mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { contentsJson } from "../inspect/json.ts";
import { openImage } from "../inspect/read.ts";
import { contentsText } from "../inspect/text.ts";
import { imageName } from "../outputs/names.ts";
import { nodeReport } from "../report/events.ts";
import { outputStyle, outputWidth } from "../report/print.ts";
import type { ImageContext } from "../tools/context.ts";
import { page } from "./pager.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    // The result is the JSON: nothing else may stand beside it.
    const reported = { ...invocation, args: { ...args, json: false } };
    const text = await withReport(reported, async (events) => {
      const read = await projectFor(invocation);
      await using workshop = await workshopFor(invocation, read, events);
      const context = await inspectionContext(invocation, workshop, read);
      const texts: string[] = [];
      const found: unknown[] = [];
      for (const path of imagesToInspect(invocation, read)) {
        await using image = await openImage(context, path);
        if (args.json) found.push(contentsJson(image.contents));
        else texts.push(contentsText(image.contents, { style: outputStyle(), width: outputWidth() }));
      }
      return args.json ? JSON.stringify(found.length === 1 ? found[0] : found, undefined, 2) : texts.join("\n\n\n");
    });
    await page(text, args.pager);
  },
};

/** Files and directories that are named, and outputs of images of the project that are. */
export function imagesToInspect({ args }: Invocation, project: Project): readonly string[] {
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

/** Whoever names files asks nothing of the project that is beside them, which may be wrong or not there. */
async function projectFor({ args, project, ofOptions }: Invocation): Promise<Project> {
  const names = args.verbArguments;
  return names.length > 0 && names.every((name) => existsSync(name)) ? await ofOptions(args.assignments) : await project();
}

/** Images are looked into with the tools that are there: which one a format takes is told when it is missing. */
async function inspectionContext(
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
