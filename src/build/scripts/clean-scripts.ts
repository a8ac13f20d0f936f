// CleanScripts=: they remove what the project's scripts have made and mkosi knows nothing of. They run with the host's
// programs, so that nothing has to be built to clean up.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scriptInput } from "../../config/configured.ts";
import { outputDirectoryOf, type Project } from "../../config/project.ts";
import { nodeReport } from "../../report/events.ts";
import type { Workshop } from "../workshop.ts";
import { withEnvironmentFiles } from "./environment-files.ts";
import { runScripts, type ScriptOptions } from "./run.ts";

/** Whether any image of a project has such scripts. */
export function hasCleanScripts({ images }: Project): boolean {
  return images.some(({ config }) => config.cleanScripts.length > 0);
}

/** Runs the clean scripts of all images. @throws {Failure} when one fails */
export async function runCleanScripts(workshop: Workshop, project: Project, scripts: ScriptOptions): Promise<void> {
  for (const image of project.images) {
    if (image.config.cleanScripts.length === 0) continue;
    const scratch = join(workshop.workspace, "images", image.name, "clean");
    const report = nodeReport(image.name, workshop.events);
    const context = {
      image: withEnvironmentFiles(image),
      runner: workshop.runner(image.name),
      toolbox: { kind: "host", searchPaths: image.config.extraSearchPaths } as const,
      report,
      scratch,
      scripts,
      settingsJson: scriptInput(image),
      noteSettings: () => {},
      noteSurroundings: () => {},
    };
    const directory = outputDirectoryOf(project, image);
    const output = existsSync(directory) ? directory : join(scratch, "output");
    await mkdir(output, { recursive: true });
    await report.phase("Running clean scripts", () =>
      runScripts(context, { kind: "clean", places: { OUTPUTDIR: { path: output } } }),
    );
  }
}
