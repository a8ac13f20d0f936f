// Where the tools come from: the host, a tree that ToolsTree= names, or the default tools tree, which is built once
// for each of its configurations and kept in the user's cache.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Image, mainImage, type Project } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { MACHINE_TOOLS } from "../facts/machine-tools.ts";
import { localPackagesState, packagesIn } from "../package-managers/local-packages.ts";
import { Failure } from "../report/failure.ts";
import { dropLock, holdLock, takeLock, tryLock, withLock } from "../sandbox/lock.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import { isPackageFile } from "../settings/types/package.ts";
import { digestTree } from "../tools/digest.ts";
import { checkImage, requireTools } from "./checks.ts";
import { buildImages } from "./images.ts";
import { missingTools } from "./requirements.ts";
import { NO_OPTIONS } from "./scripts/run.ts";
import { IMMATERIAL } from "./store/fingerprints.ts";
import { keyOf } from "./store/key.ts";
import type { Workshop } from "./workshop.ts";

/** Written last into a kept tools tree, beside its root: a tree without it is not finished. Its content is Toolbox.built. */
const COMPLETE = "complete";

/**
 * The toolbox that a project's configuration asks for; a default tools tree is built when it is not there. Until the end
 * of this process nobody removes it.
 * @throws {Failure} when a named tree is not one, or the tools tree cannot be built
 */
export async function projectToolbox(workshop: Workshop, project: Project): Promise<Toolbox> {
  const main = mainImage(project);
  const { toolsTree, extraSearchPaths: searchPaths } = main.config;
  const certificates = main.config.toolsTreeCertificates ? {} : ({ certificates: "host" } as const);
  if (project.tools !== undefined) {
    checkImage(project.tools);
    return {
      kind: "tree",
      ...(await defaultTree(workshop, withMachineTools(project.tools))),
      searchPaths,
      ...certificates,
    };
  }
  if (toolsTree === null) return { kind: "host", searchPaths };
  if (!existsSync(join(toolsTree, "usr"))) {
    throw new Failure(`the tools tree ${toolsTree} has no /usr`, {
      origin: main.origin("toolsTree"),
      remedy: "name the root directory of a system with the tools, or set ToolsTree=default",
    });
  }
  return { kind: "tree", root: toolsTree, searchPaths, ...certificates };
}

/** The toolbox that a project's configuration asks for, if nothing has to be built for it. @throws {Failure} as projectToolbox */
export async function keptToolbox(workshop: Workshop, project: Project): Promise<Toolbox | undefined> {
  const isThere = project.tools === undefined || toolsTreesOf(workshop.cache, project).some(isComplete);
  return isThere ? await projectToolbox(workshop, project) : undefined;
}

/**
 * A project that says nothing about its tools gets the default tools tree where the host lacks what it needs.
 * @param programs what is needed beyond what building takes
 * @param reload reads the project again, with ToolsTree=default
 */
export async function withNeededTools(
  workshop: Workshop,
  project: Project,
  programs: readonly string[],
  reload: () => Promise<Project>,
): Promise<Project> {
  const main = mainImage(project);
  if (main.config.toolsTree !== null || main.origin("toolsTree") !== undefined) return project;
  const host: Toolbox = { kind: "host", searchPaths: main.config.extraSearchPaths };
  const missing = await missingTools(project.images, host, workshop.runner("tools"), programs);
  if (missing.length === 0) return project;
  workshop.say(`Using the default tools tree, as this host lacks ${missing.join(", ")}`);
  return await reload();
}

/** The runtime profile is for running machines. */
function withMachineTools(image: Image): Image {
  const { distribution, profiles, packages } = image.config;
  const additional = profiles.includes("runtime") ? (MACHINE_TOOLS[distribution] ?? []) : [];
  return { ...image, config: { ...image.config, packages: [...packages, ...additional] } };
}

/** Directories of kept tools trees that belong to a project. */
export function toolsTreesOf(cache: string, { tools }: Project): readonly string[] {
  return tools === undefined ? [] : [treePlace(cache, withMachineTools(tools))].filter(existsSync);
}

function isComplete(place: string): boolean {
  return existsSync(join(place, COMPLETE));
}

/** Where the tree of a configuration is kept. */
function treePlace(cache: string, image: Image): string {
  return join(cache, "tools", keyOf(treeInputs(image)).slice(0, 16));
}

/** Who uses a kept tree has a shared lock on this file, who removes it an exclusive one. */
function toolsTreeLock(place: string): string {
  return `${place}.lock`;
}

/** Removes one of toolsTreesOf(). @returns false when somebody uses it */
export async function removeToolsTree(place: string): Promise<boolean> {
  await using lock = await tryLock(toolsTreeLock(place));
  if (lock === undefined) return false;
  await rm(place, { recursive: true, force: true });
  return true;
}

async function defaultTree(
  workshop: Workshop,
  image: Image,
): Promise<{ readonly root: string; readonly built?: string }> {
  const place = treePlace(workshop.cache, image);
  const onWait = () => workshop.say("Waiting for another mkosi that is building a tools tree");
  return await withLock(
    join(workshop.cache, "tools", "lock"),
    async () => {
      const lock = toolsTreeLock(place);
      await holdLock(lock);
      if (!isComplete(place)) {
        await dropLock(lock);
        await using _alone = await takeLock(lock);
        await rm(place, { recursive: true, force: true });
        await mkdir(place, { recursive: true });
        await buildTree(workshop, image, place);
        await writeFile(join(place, COMPLETE), randomUUID());
      }
      await holdLock(lock);
      // The time of last use, for whoever wants to make room.
      const now = new Date();
      await utimes(join(place, COMPLETE), now, now);
      const built = await readFile(join(place, COMPLETE), "utf8");
      const root = join(place, image.config.output);
      // Earlier versions have left it empty.
      return built === "" ? { root } : { root, built };
    },
    { onWait, signal: workshop.signal },
  );
}

/** The tools tree is an image like any other, built with the host's tools. */
async function buildTree(workshop: Workshop, image: Image, directory: string): Promise<void> {
  workshop.say("Building the default tools tree; it is kept for all projects");
  const host: Toolbox = { kind: "host", searchPaths: image.config.extraSearchPaths };
  await requireTools(workshop, [image], host);
  const placement = {
    path: directory,
    target: directory,
    publish: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const project = { directory, images: [image] };
  await buildImages(workshop, project, { toolbox: host, scripts: NO_OPTIONS, place: async () => placement });
}

/** What is about this project and not about the tree. */
const NOT_IN_TREE: ReadonlySet<string> = new Set<keyof Config>([
  ...IMMATERIAL,
  ...(["buildSources", "toolsTree", "seed", "machine", "dependencies", "delegateRanges"] as const),
]);

/** Scripts that change the tree. */
const SCRIPTS = ["prepareScripts", "buildScripts", "postInstallationScripts", "finalizeScripts"] as const;

/** What makes one default tools tree differ from another: its configuration, with the trees, scripts and packages that it names. */
function treeInputs(image: Image): unknown {
  const { config } = image;
  const settings = Object.entries(config).filter(([key]) => !NOT_IN_TREE.has(key));
  const trees = [...config.skeletonTrees, ...config.extraTrees, ...config.sandboxTrees].map(({ source }) => source);
  const scripts = SCRIPTS.flatMap((key) => config[key]);
  const { packageExtensions } = distributionOf(image).packageManager(config);
  const packages = localPackagesState({ localPackages: packagesIn(config.packageDirectories, packageExtensions) });
  const files = config.packages.filter(isPackageFile);
  return {
    settings: Object.fromEntries(settings),
    trees: [...trees, ...scripts, ...files].map((path) => digestTree(path)),
    ...(packages.length === 0 ? {} : { packages }),
  };
}
