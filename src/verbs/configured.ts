// A project as its configure scripts make it, for verbs that show it: the scripts run in their sandbox, but nothing is
// built for them.

import { configureProject } from "../build/scripts/configure.ts";
import { keptToolbox } from "../build/toolbox.ts";
import { imagesWithScripts } from "../config/configured.ts";
import type { Project } from "../config/project.ts";
import { printWarning } from "../report/print.ts";
import { enterNamespace } from "../sandbox/namespace.ts";
import { withReport, workshopFor } from "./session.ts";
import type { Invocation } from "./verb.ts";

/**
 * The project after its configure scripts; as it is, with a warning, when the tools tree that they need is not built.
 * The program is executed again in a namespace first.
 */
export async function configuredProject(invocation: Invocation, project: Project): Promise<Project> {
  await enterNamespace();
  const quiet = { ...invocation, args: { ...invocation.args, quiet: true, json: false } };
  return await withReport(quiet, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    const toolbox = await keptToolbox(workshop, project);
    if (toolbox === undefined) {
      const scripts = imagesWithScripts(project).flatMap(({ config }) => config.configureScripts);
      printWarning(
        `${[...new Set(scripts)].join(", ")} not run: the default tools tree is not built yet (mkosi build does)`,
      );
      return project;
    }
    return await configureProject(workshop, project, { toolbox: async () => toolbox, debug: invocation.args.debug });
  });
}
