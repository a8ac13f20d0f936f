// Builds a set of images side by side: first every package of every image is found and downloaded, so that nothing is
// installed when a name is wrong; then each image runs its pipeline as soon as those it depends on are there.

import { basename, join } from "node:path";
import type { Image } from "../config/project.ts";
import type { Artifact } from "../outputs/index.ts";
import { artifactSize } from "../outputs/size.ts";
import type { Outcome } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { type GraphNode, runGraph } from "./graph.ts";
import { DEFAULT_INITRD, type ImageBuild, type ImageOutput } from "./image-build.ts";
import { buildImage } from "./pipeline.ts";
import { prepareImage } from "./prepare.ts";
import type { Workshop } from "./workshop.ts";

/** Where an image's artefacts are put while they are made, and what happens to them when all are there. */
export interface Placement extends AsyncDisposable {
  /** An empty directory. */
  readonly path: string;
  /** The directory that the artefacts are for. */
  readonly target: string;
  /** Puts the artefacts there. */
  publish(): Promise<void>;
}

interface BuiltImage {
  readonly build: ImageBuild;
  readonly placement: Placement;
  readonly artifacts: readonly Artifact[];
}

/**
 * Builds images. An output that another image is built from is published when it is done, all others at the end, so
 * that a failure leaves earlier outputs as they were.
 * @param place where the artefacts of an image go
 * @throws the first failure; the other images are stopped
 */
export async function buildImages(
  workshop: Workshop,
  images: readonly Image[],
  toolbox: Toolbox,
  place: (image: Image) => Promise<Placement>,
): Promise<void> {
  const outputs = new Map(images.map((image) => [image.name, deferred<ImageOutput>()]));
  for (const { promise } of outputs.values()) promise.catch(() => {});
  const outputOf = async (name: string) => await outputs.get(name)?.promise;
  const builds = await Promise.all(images.map((image) => prepareImage(workshop, image, toolbox, outputOf)));
  const abort = (reason: unknown) => {
    workshop.abort(reason);
    for (const output of outputs.values()) output.reject(reason);
  };
  const placements: Placement[] = [];
  const unpublished: BuiltImage[] = [];

  async function run(build: ImageBuild): Promise<void> {
    const { name, config } = build.image;
    const placement = await place(build.image);
    placements.push(placement);
    const root = join(workshop.workspace, "images", name, "root");
    const places = { root, staging: placement.path };
    const artifacts = await buildImage(build, places, workshop.layers, workshop.slots);
    const image = { build, placement, artifacts };
    if (builds.some((other) => dependenciesOf(other).includes(name))) await publish(image);
    else unpublished.push(image);
    outputs.get(name)?.resolve({
      path: join(placement.target, config.output),
      staged: artifacts.find(({ kind }) => kind === "image")?.path ?? placement.path,
    });
  }

  try {
    await runGraph(
      builds.map((build) => fetchNode(workshop, build)),
      abort,
    );
    await runGraph(
      builds.map((build) => ({
        name: build.image.name,
        dependencies: dependenciesOf(build),
        run: () => reported(workshop, build, () => run(build)),
      })),
      abort,
    );
    for (const image of unpublished) await publish(image);
  } finally {
    for (const placement of placements) await placement[Symbol.asyncDispose]();
  }
}

/** What must be there before an image is begun. The default initrd is not: the step that needs it waits for it. */
function dependenciesOf({ image }: ImageBuild): readonly string[] {
  return image.config.dependencies.filter((name) => name !== DEFAULT_INITRD);
}

async function publish({ build, placement, artifacts }: BuiltImage): Promise<void> {
  // Measured before: once they are published, another build may replace them.
  const sizes = await Promise.all(artifacts.map(({ path }) => artifactSize(path)));
  await placement.publish();
  for (const [index, { path, kind }] of artifacts.entries()) {
    if (kind !== "link") build.report.artifact(join(placement.target, basename(path)), sizes[index] ?? 0);
  }
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
