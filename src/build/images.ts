// Builds a set of images side by side: first every package of every image is found and downloaded, so that nothing is
// installed when a name is wrong; then each image runs its pipeline as soon as those it depends on are there.

import { basename, join } from "node:path";
import type { Image } from "../config/project.ts";
import { artifactSize } from "../outputs/size.ts";
import type { Outcome } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { type GraphNode, runGraph } from "./graph.ts";
import type { ImageBuild } from "./image-build.ts";
import { buildImage } from "./pipeline.ts";
import { prepareImage } from "./prepare.ts";
import type { Workshop } from "./workshop.ts";

/** The image that Initrds=default stands for. */
export const DEFAULT_INITRD = "default-initrd";

/** Where an image's artefacts are put while they are made, and what happens to them when all are there. */
export interface Placement extends AsyncDisposable {
  /** An empty directory. */
  readonly path: string;
  /** Puts the artefacts in their final place. Returns the directory they are in then. */
  publish(): Promise<string>;
}

/** Builds images. `place` says where the artefacts of each go. @throws the first failure; the others are stopped */
export async function buildImages(
  workshop: Workshop,
  images: readonly Image[],
  toolbox: Toolbox,
  place: (image: Image) => Promise<Placement>,
): Promise<void> {
  const published = new Map(images.map((image) => [image.name, deferred()]));
  for (const { promise } of published.values()) promise.catch(() => {});
  const outputReady = async (name: string) => await published.get(name)?.promise;
  const builds = await Promise.all(images.map((image) => prepareImage(workshop, image, toolbox, outputReady)));
  const abort = (reason: unknown) => {
    workshop.abort(reason);
    for (const output of published.values()) output.reject(reason);
  };

  await runGraph(builds.map((build) => fetchNode(workshop, build)), abort);
  await runGraph(
    builds.map((build) => ({
      name: build.image.name,
      // The default initrd is built at the same time: the step that needs it waits for it.
      dependencies: build.image.config.dependencies.filter((name) => name !== DEFAULT_INITRD),
      async run() {
        await reported(workshop, build, () => buildAndPlace(workshop, build, place));
        published.get(build.image.name)?.resolve();
      },
    })),
    abort,
  );
}

function fetchNode(workshop: Workshop, build: ImageBuild): GraphNode {
  const requests = [...build.basePackages, ...build.packages];
  return {
    name: build.image.name,
    dependencies: [],
    async run() {
      if (requests.length === 0) return;
      await build.report.phase("Fetching packages", () =>
        workshop.slots(async () => {
          await build.packageManager.sync(build);
          await build.packageManager.fetch(build, requests);
        }),
      );
    },
  };
}

/** Tells the beginning and the end of an image's node. */
async function reported<T>({ events, signal }: Workshop, { image }: ImageBuild, work: () => Promise<T>): Promise<T> {
  const node = image.name;
  events({ type: "node-started", node, time: Date.now() });
  let outcome: Outcome = "done";
  try {
    return await work();
  } catch (error) {
    outcome = signal.aborted ? "cancelled" : "failed";
    throw error;
  } finally {
    events({ type: "node-finished", node, time: Date.now(), outcome });
  }
}

async function buildAndPlace(workshop: Workshop, build: ImageBuild, place: (image: Image) => Promise<Placement>): Promise<void> {
  await using placement = await place(build.image);
  const root = join(workshop.workspace, "images", build.image.name, "root");
  const artifacts = await buildImage(build, { root, staging: placement.path }, workshop.layers, workshop.slots);
  const directory = await placement.publish();
  for (const { path, kind } of artifacts) {
    const published = join(directory, basename(path));
    if (kind !== "link") build.report.artifact(published, await artifactSize(published));
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: unknown): void;
}

/** What Promise.withResolvers() is from Node 22 on. */
function deferred(): Deferred {
  const parts: Partial<Deferred> = {};
  const promise = new Promise<void>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return { ...parts, promise } as Deferred;
}
