// Builds a set of images side by side: first every package of every image is found and downloaded, so that nothing is
// installed when a name is wrong; then each image runs its pipeline as soon as those it depends on are there.

import { join } from "node:path";
import type { Image } from "../config/project.ts";
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
  const outputs = new Map(images.map((image) => [image.name, deferred<string>()]));
  for (const { promise } of outputs.values()) promise.catch(() => {});
  const outputOf = async (name: string) => {
    const output = outputs.get(name);
    if (output === undefined) throw new Error(`there is no image ${name} in this build`);
    return await output.promise;
  };
  const builds = await Promise.all(images.map((image) => prepareImage(workshop, image, toolbox, outputOf)));
  const abort = (reason: unknown) => {
    workshop.abort(reason);
    for (const output of outputs.values()) output.reject(reason);
  };

  await runGraph(builds.map((build) => fetchNode(workshop, build)), abort);
  await runGraph(
    builds.map((build) => ({
      name: build.image.name,
      // The default initrd is built at the same time: the step that needs it waits for it.
      dependencies: build.image.config.dependencies.filter((name) => name !== DEFAULT_INITRD),
      run: async () => outputs.get(build.image.name)?.resolve(await reported(workshop, build, () => buildAndPlace(workshop, build, place))),
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

/** Returns the path of the image's main artefact in its final place. */
async function buildAndPlace(workshop: Workshop, build: ImageBuild, place: (image: Image) => Promise<Placement>): Promise<string> {
  const { name } = build.image;
  await using placement = await place(build.image);
  const root = join(workshop.workspace, "images", name, "root");
  const artifacts = await buildImage(build, { root, staging: placement.path }, workshop.layers, workshop.slots);
  const directory = await placement.publish();
  for (const artifact of artifacts) build.report.artifact(join(directory, artifact.name), artifact.bytes);
  return join(directory, artifacts[0]?.name ?? "");
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** What Promise.withResolvers() is from Node 22 on. */
function deferred<T>(): Deferred<T> {
  const parts: Partial<Deferred<T>> = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return { ...parts, promise } as Deferred<T>;
}
