// `mkosi clean`: removes the outputs and what is remembered of the build; with -f also the kept layers and tools trees, with -ff also the downloaded packages.

import { existsSync } from "node:fs";
import { builtIn, outputsOf, removePaths } from "../build/clean.ts";
import { removeFailed } from "../build/debug-records.ts";
import { packageCachesOf, removePackageCache } from "../build/package-cache.ts";
import { rememberedIn, rememberedOutputDirectories, removeEmptyParents } from "../build/remember.ts";
import { hasCleanScripts, runCleanScripts } from "../build/scripts/clean-scripts.ts";
import { NO_OPTIONS } from "../build/scripts/run.ts";
import type { OutputPlace } from "../build/store/kept-outputs.ts";
import { forgetProject } from "../build/store/prune.ts";
import { removeToolsTree, toolsTreesOf } from "../build/toolbox.ts";
import { storeDirectory } from "../build/workshop.ts";
import { mainImage, outputDirectoryOf, type Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { print, printFailure } from "../report/print.ts";
import { formatBytes } from "../report/quantity.ts";
import { visible } from "../report/visible.ts";
import { keptWorkspaces } from "../sandbox/workspace.ts";
import { cacheDirectory, withDefaultTools, withReport, workshopFor } from "./session.ts";
import type { Invocation, Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run(invocation) {
    const { args } = invocation;
    const project = await invocation.project();
    const cache = cacheDirectory();
    const paths = [
      ...project.images.flatMap((image) => outputsOf(project, image)),
      ...(args.force > 0 || args.wipeBuildDirectory ? builtIn(project) : []),
      ...rememberedIn(project).filter((directory) => existsSync(directory)),
      ...(await keptWorkspaces(mainImage(project).config.workspaceDirectory, cache, project.directory)),
    ];
    const say = (path: string) => args.quiet || print(visible(`Removing ${path}`));
    const leftAlone = args.quiet ? [] : latestOutputDirectories(project);
    await removePaths(paths, say);
    for (const path of await removeFailed(cache, project.directory)) say(path);
    if (hasCleanScripts(project)) await cleanWithScripts(invocation, project);
    await removeEmptyParents(project);
    const busy = [
      ...(args.force > 0 ? await forgetLayers(project, args.quiet) : []),
      ...(args.force > 0 ? await removeUnused(toolsTreesOf(cache, project), removeToolsTree, say) : []),
      ...(args.force > 1 ? await removeUnused(packageCachesOf(project, cache), removePackageCache, say) : []),
    ];
    if (args.force > 0 && !args.quiet) await tellSharedTools(invocation, project);
    for (const directory of leftAlone) {
      const remedy = `Run mkosi -O ${directory} clean to remove them.`;
      printFailure(new Failure(`outputs of the latest build in ${directory} are still there`, { remedy }), "warning");
    }
    if (busy.length > 0) {
      throw new Failure(`another mkosi uses ${busy.join(", ")}`, {
        remedy: "wait until it is done, and run mkosi clean again",
      });
    }
  },
};

/** A tools tree that nobody has configured is not the project's: others use it, whatever becomes of this one. */
async function tellSharedTools(invocation: Invocation, project: Project): Promise<void> {
  const main = mainImage(project);
  if (main.config.toolsTree !== null || main.origin("toolsTree") !== undefined) return;
  const trees = toolsTreesOf(cacheDirectory(), await withDefaultTools(invocation));
  for (const tree of trees)
    print(
      visible(`Keeping ${tree}, which all projects without ToolsTree= may use (mkosi --tools-tree=default -f clean)`),
    );
}

/** Removes what several projects may have, as far as nobody uses it. @returns what is in use */
async function removeUnused(
  paths: readonly string[],
  remove: (path: string) => Promise<boolean>,
  say: (path: string) => void,
): Promise<readonly string[]> {
  const busy: string[] = [];
  for (const path of paths) {
    if (await remove(path)) say(path);
    else busy.push(path);
  }
  return busy;
}

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

/** Removes the layers of Incremental= that this project has made and no other needs. @returns the store when it is in use */
async function forgetLayers(project: Project, quiet: boolean): Promise<readonly string[]> {
  const directory = storeDirectory(project, cacheDirectory());
  if (!existsSync(directory)) return [];
  const places = project.images.map((image) => `${outputDirectoryOf(project, image)} ${image.name}`);
  const isForgotten = (place: OutputPlace) => places.includes(`${place.directory} ${place.image}`);
  const removed = await forgetProject(directory, project.directory, isForgotten);
  if (removed === undefined) return [directory];
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  if (removed.length > 0 && !quiet)
    print(`Removing ${removed.length} layers (${formatBytes(bytes)}) from ${directory}`);
  return [];
}
