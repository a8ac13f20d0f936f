// `mkosi clean`: removes the outputs and what is remembered of the build; with -f also the kept layers and tools trees, with -ff also the downloaded packages.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { builtIn, outputsOf, removePaths } from "../build/clean.ts";
import { rememberedIn, rememberedOutputDirectories, removeEmptyParents } from "../build/remember.ts";
import { hasCleanScripts, runCleanScripts } from "../build/scripts/clean-scripts.ts";
import { NO_OPTIONS } from "../build/scripts/run.ts";
import { forgetOutputs } from "../build/store/prune.ts";
import { toolsTreesOf } from "../build/toolbox.ts";
import { storeDirectory } from "../build/workshop.ts";
import { outputDirectoryOf, type Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { print, printFailure } from "../report/print.ts";
import { formatBytes } from "../report/quantity.ts";
import { visible } from "../report/visible.ts";
import { cacheDirectory, withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    const project = await invocation.project();
    const cache = cacheDirectory();
    const packageCaches = new Set(project.images.map(({ config }) => config.packageCacheDirectory ?? cache));
    const paths = [
      ...project.images.flatMap((image) => outputsOf(project, image)),
      ...(args.force > 0 || args.wipeBuildDirectory ? builtIn(project) : []),
      ...(args.force > 0 ? toolsTreesOf(cache, project) : []),
      ...(args.force > 1 ? [...packageCaches].map((directory) => join(directory, "apt")) : []),
      ...rememberedIn(project).filter((directory) => existsSync(directory)),
    ];
    const leftAlone = args.quiet ? [] : latestOutputDirectories(project);
    await removePaths(paths, (path) => args.quiet || print(visible(`Removing ${path}`)));
    if (hasCleanScripts(project)) await cleanWithScripts(invocation, project);
    if (args.force > 0) await forgetLayers(project, args.quiet);
    await removeEmptyParents(project);
    for (const directory of leftAlone) {
      const remedy = `Run mkosi -O ${directory} clean to remove them.`;
      printFailure(new Failure(`outputs of the latest build in ${directory} are still there`, { remedy }), "warning");
    }
  },
};

async function cleanWithScripts(invocation: Invocation, project: Project): Promise<void> {
  await withReport(invocation, async (events) => {
    await using workshop = await workshopFor(invocation, project, events);
    await runCleanScripts(workshop, project, { ...NO_OPTIONS, debug: invocation.args.debug });
  });
}

/** Directories that the latest build had as an option (History=), and that the configuration does not name. */
function latestOutputDirectories(project: Project): string[] {
  const own = project.images.map((image) => outputDirectoryOf(project, image));
  return rememberedOutputDirectories(project).filter((directory) => !own.includes(directory) && existsSync(directory));
}

/** Removes the layers of Incremental= that only this project's latest outputs were made from. */
async function forgetLayers(project: Project, quiet: boolean): Promise<void> {
  const directory = storeDirectory(project, cacheDirectory());
  if (!existsSync(directory)) return;
  const places = project.images.map((image) => `${outputDirectoryOf(project, image)} ${image.name}`);
  const removed = await forgetOutputs(directory, (place) => places.includes(`${place.directory} ${place.image}`));
  if (removed === undefined) {
    throw new Failure(`the layers in ${directory} are in use by another mkosi`, {
      remedy: "wait until it is done, and run mkosi clean -f again",
    });
  }
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  if (removed.length > 0 && !quiet)
    print(`Removing ${removed.length} layers (${formatBytes(bytes)}) from ${directory}`);
}
