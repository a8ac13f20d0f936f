// Asks for the newest snapshot with the tools, the proxy and the sandbox trees that a build would have.

import { mainImage, type Project } from "../config/project.ts";
import { snapshotSource } from "../distributions/snapshots.ts";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { downloadText } from "../tools/download.ts";
import { projectToolbox } from "./toolbox.ts";
import type { Workshop } from "./workshop.ts";

/** The newest snapshot for a project's main image. @throws {Failure} when there is none, or it cannot be asked for */
export async function latestSnapshot(workshop: Workshop, project: Project): Promise<string> {
  const image = mainImage(project);
  const { url, remedy, read } = snapshotSource(image);
  const runner = workshop.runner(image.name);
  const toolbox = await workshop.sandboxTrees.put(image, await projectToolbox(workshop, project), runner);
  const text = await downloadText({ image, runner, toolbox }, url).catch((error: unknown) => {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Failure(`the newest snapshot cannot be asked for: ${url}`, {
      ...error.details,
      origin: image.origin("mirror") ?? image.origin("distribution"),
      remedy,
      cause: error,
    });
  });
  return read(text);
}
