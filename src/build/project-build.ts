// A project's build from start to end: checks what can be checked without running anything, gets the tools, builds.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Image, Project } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { checkFormat } from "../outputs/index.ts";
import { type EventSink, nodeReport } from "../report/events.ts";
import { Failure } from "../report/failure.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { createRunner } from "../sandbox/spawn.ts";
import { createWorkspace } from "../sandbox/workspace.ts";
import { buildImages, type Placement } from "./images.ts";
import { createLayerStore } from "./layers.ts";
import type { Workshop } from "./prepare.ts";
import { createStaging } from "./publish.ts";
import { missingTools } from "./requirements.ts";
import { checkSupported } from "./supported.ts";
import { obtainToolbox } from "./toolbox.ts";

/** The image that Initrds=default stands for: an input of other images, not an output of its own. */
export const DEFAULT_INITRD = "default-initrd";

export interface BuildOptions {
  readonly events: EventSink;
  /** Steps that may run at once. */
  readonly jobs: number;
  /** The user's cache directory. */
  readonly cache: string;
  /** Whether a kept default tools tree is made again. */
  readonly rebuildTools: boolean;
  /** Stops the build. */
  readonly signal: AbortSignal;
}

/** Builds all images of a project. @throws {Failure} the first thing that went wrong; earlier outputs are untouched then */
export async function buildProject(project: Project, options: BuildOptions): Promise<void> {
  for (const image of project.images) checkImage(image);
  await using workshop = await openWorkshop(project, options);
  const toolbox = await projectToolbox(workshop, project, options);
  await requireTools(workshop, project.images, toolbox);
  await buildImages(workshop, project.images, toolbox, (image) => placeOutput(workshop, project, image));
}

function checkImage(image: Image): void {
  checkSupported(image);
  checkFormat(image);
  distributionOf(image).validate(image.config);
}

async function openWorkshop(project: Project, options: BuildOptions): Promise<Workshop & AsyncDisposable> {
  const configured = project.images.at(-1)?.config.workspaceDirectory ?? null;
  const workspace = await createWorkspace(configured, options.cache);
  const failed = new AbortController();
  return {
    workspace: workspace.path,
    layers: createLayerStore(join(workspace.path, "layers")),
    slots: pLimit(options.jobs),
    events: options.events,
    cache: options.cache,
    signal: AbortSignal.any([options.signal, failed.signal]),
    abort: (reason) => failed.abort(reason),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

async function projectToolbox(workshop: Workshop, project: Project, options: BuildOptions): Promise<Toolbox> {
  const say = (text: string) => options.events({ type: "message", level: "info", text, time: Date.now() });
  return await obtainToolbox(project, {
    cache: options.cache,
    rebuild: options.rebuildTools,
    onWait: () => say("Waiting for another mkosi that is building the tools tree"),
    async build(image, directory) {
      say("Building the default tools tree, once for all projects");
      checkImage(image);
      const host: Toolbox = { kind: "host", searchPaths: image.config.extraSearchPaths };
      await requireTools(workshop, [image], host);
      await buildImages(workshop, [image], host, async () => plainDirectory(directory));
    },
  });
}

async function requireTools(workshop: Workshop, images: readonly Image[], toolbox: Toolbox): Promise<void> {
  const { output } = nodeReport("tools", workshop.events);
  const runner = createRunner({ directory: join(workshop.workspace, "sandbox"), log: output, signal: workshop.signal });
  const missing = await missingTools(images, toolbox, runner);
  if (missing.length === 0) return;
  const where = toolbox.kind === "host" ? "this host" : `the tools tree ${toolbox.root}`;
  throw new Failure(`${where} lacks what this build needs: ${missing.join(", ")}`, {
    remedy:
      toolbox.kind === "host"
        ? "install it, or let mkosi build a tree with the tools: ToolsTree=default (--tools-tree=default)"
        : "add the packages to the tools tree (ToolsTreePackages=) and build it again with -fff",
  });
}

async function placeOutput(workshop: Workshop, project: Project, image: Image): Promise<Placement> {
  if (image.name !== DEFAULT_INITRD) return await createStaging(image.config.outputDirectory ?? project.directory);
  const directory = join(workshop.workspace, "images", image.name, "output");
  await mkdir(directory, { recursive: true });
  return plainDirectory(directory);
}

function plainDirectory(path: string): Placement {
  return { path, publish: async () => path, [Symbol.asyncDispose]: async () => {} };
}
