// Builds a set of images side by side: first every package of every image is found and downloaded, so that nothing is
// installed when a name is wrong; then each image runs its pipeline as soon as those it depends on are there.

import { randomUUID } from "node:crypto";
import { basename, join } from "node:path";
import { type Image, outputDirectoryOf, type Project } from "../config/project.ts";
import type { Artifact } from "../outputs/index.ts";
import { plainName } from "../outputs/names.ts";
import { artifactSize } from "../outputs/size.ts";
import type { Outcome } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { bases, type FetchWork, fetchPackages } from "./fetch.ts";
import { namingFullDisk } from "./full-disk.ts";
import { runGraph } from "./graph.ts";
import { DEFAULT_INITRD, type ImageBuild, type ImageOutput } from "./image-build.ts";
import { usePackageCache } from "./package-cache.ts";
import { below, buildTree, layersThere, needsPackages, packImage, stackOf, writtenIn } from "./pipeline.ts";
import { prepareImage } from "./prepare.ts";
import type { ScriptOptions } from "./scripts/run.ts";
import { runSyncScripts } from "./scripts/sync-scripts.ts";
import { waitForLateKernels } from "./steps/boot.ts";
import { builtPackageDirectories } from "./steps/volatile-packages.ts";
import { inputsOf } from "./store/fingerprints.ts";
import { type MadeFrom, PACKING } from "./store/kept-outputs.ts";
import { readsOf, watched } from "./store/reads.ts";
import type { Workshop } from "./workshop.ts";

/** Where an image's artefacts are put while they are made, and what happens to them when all are there. */
export interface Placement extends AsyncDisposable {
  /** An empty directory. */
  readonly path: string;
  /** The directory that the artefacts are for. */
  readonly target: string;
  /** Puts the artefacts there. @param note is done while nobody else can publish there */
  publish(note: () => Promise<void>): Promise<void>;
}

interface BuiltImage {
  readonly build: ImageBuild;
  readonly placement: Placement;
  /** Undefined when something has changed while it was read. */
  readonly madeFrom: MadeFrom | undefined;
  readonly artifacts: readonly Artifact[];
}

export type BuildProject = Pick<Project, "directory" | "images">;

export interface ImagesOptions {
  readonly toolbox: Toolbox;
  readonly scripts: ScriptOptions;
  /** Where the artefacts of an image go. */
  place(image: Image): Promise<Placement>;
}

/**
 * Builds images. An output that another image is built from is published when it is done, all others at the end, so
 * that a failure leaves earlier outputs as they were.
 * @throws the first failure; the other images are stopped
 */
export async function buildImages(
  workshop: Workshop,
  project: BuildProject,
  { toolbox, scripts, place }: ImagesOptions,
): Promise<void> {
  const { images } = project;
  const outputs = new Map(images.map((image) => [image.name, deferred<ImageOutput>()]));
  for (const { promise } of outputs.values()) promise.catch(() => {});
  const outputOf = async (name: string) => await outputs.get(name)?.promise;
  const keys = new Map<string, string>();
  /** Keys of outputs that are not there yet. */
  const expected = new Map<string, string | undefined>();
  const works = await Promise.all(
    images.map(async (image): Promise<FetchWork> => {
      const build = await prepareImage(workshop, image, { project, toolbox, scripts, outputOf });
      await usePackageCache(build);
      if (scripts.rerun) {
        const place = { directory: outputDirectoryOf(project, image), image: image.name };
        expected.set(image.name, (await workshop.store?.outputs.last(place))?.key);
      }
      const { digests, listings } = workshop.store ?? {};
      const outputKey = (other: string) => keys.get(other) ?? expected.get(other);
      const expect = (key: string | undefined) => {
        if (!scripts.rerun) expected.set(image.name, key);
      };
      return { build, inputs: inputsOf(build, { outputKey, digests, listings }), expect };
    }),
  );
  const abort = (reason: unknown) => {
    workshop.abort(reason);
    for (const output of outputs.values()) output.reject(reason);
  };
  const placements: Placement[] = [];
  const used: AsyncDisposable[] = [];
  const unpublished: BuiltImage[] = [];

  async function run({ build, inputs }: FetchWork): Promise<void> {
    const { name, config } = build.image;
    const placement = await place(build.image);
    placements.push(placement);
    const root = join(workshop.workspace, "images", name, "root");
    const places = { root, staging: placement.path };
    let packages: readonly string[] = [];
    const done = (staged: string, key: string | undefined) => {
      if (key !== undefined) keys.set(name, key);
      outputs.get(name)?.resolve({ path: join(placement.target, config.output), staged, key, packages });
    };

    // Outputs of other images may be among what this one reads, and they are there only now.
    if (dependenciesOf(build).length > 0) inputs.forget();
    const outputPlace = { directory: placement.target, image: name };
    const last = await workshop.store?.outputs.lastStack(outputPlace);
    const tree = await buildTree(build, { ...places, last }, inputs, workshop);
    packages = builtPackageDirectories(tree.notes);
    // Its output stays as it is.
    if (scripts.rerun) return done(placement.path, expected.get(name));
    const stack = stackOf(tree);
    const kept = await workshop.store?.outputs.find(outputPlace, stack, inputs);
    if (kept !== undefined) {
      build.report.kept(PACKING);
      tellArtifacts(
        build,
        kept.artifacts,
        kept.artifacts.map(({ path }) => artifactSize(path)),
      );
      return done(imagePath(kept.artifacts) ?? placement.target, kept.key);
    }
    const { store } = workshop;
    const whole = { ...build, ...places, notes: "", ...below(tree) };
    // What scripts have done to the output is in none of the layers.
    const isPure = config.postOutputScripts.length === 0;
    const path = join(placement.target, plainName(config));
    const former = isPure ? await store?.outputs.former(outputPlace, path, stack) : undefined;
    if (former !== undefined) used.push(former);
    const watch = watched(whole, store && { inputs, derived: store.derived });
    await waitForLateKernels(build);
    const packing = build.report.phase(`Packing (${config.format})`, () =>
      workshop.slots(() =>
        namingFullDisk(
          build.image,
          [{ path: placement.path, setting: "outputDirectory" }, ...writtenIn(build, workshop)],
          () => packImage(stack, watch.context, workshop.layers, former),
        ),
      ),
    );
    const artifacts = await packing.catch((error: unknown) => {
      workshop.progress.failed(name, PACKING, error);
      throw error;
    });
    const { reads, changed } = store === undefined ? NOTHING_READ : await readsOf(watch, inputs);
    await inputs.keep(reads);
    const madeFrom = changed.length > 0 ? undefined : { stack, overlay: tree.overlay, reads, isPure };
    const image = { build, placement, madeFrom, artifacts };
    if (works.some((other) => dependenciesOf(other.build).includes(name))) await publish(workshop, image);
    else unpublished.push(image);
    const key = changed.length > 0 ? randomUUID() : store?.outputs.keyFor(stack, reads);
    done(imagePath(artifacts) ?? placement.path, key);
  }

  try {
    await syncSources(workshop, works);
    await fetchPackages(workshop, works, abort);
    await runGraph(
      works.map((work) => ({
        name: work.build.image.name,
        dependencies: dependenciesOf(work.build),
        run: () => reported(workshop, work.build, () => run(work)),
      })),
      abort,
    );
    for (const image of unpublished) await publish(workshop, image);
  } finally {
    for (const former of used) await former[Symbol.asyncDispose]();
    for (const placement of placements) await placement[Symbol.asyncDispose]();
  }
}

/** Runs sync scripts, one image after the other: they may all work on the same sources. */
async function syncSources({ layers }: Workshop, works: readonly FetchWork[]): Promise<void> {
  for (const { build, inputs } of works) {
    if (build.image.config.syncScripts.length === 0) continue;
    const there = await layersThere(build, inputs, layers);
    await runSyncScripts(build, there.steps > 0 && !needsPackages(build, there));
    for (const work of works) work.inputs.forget();
  }
}

const NOTHING_READ = { reads: {}, changed: [] };

function imagePath(artifacts: readonly Artifact[]): string | undefined {
  return artifacts.find(({ kind }) => kind === "image")?.path;
}

/** What must be there before an image is begun. The default initrd is not: the step that needs it waits for it. */
function dependenciesOf(build: ImageBuild): readonly string[] {
  return [...new Set([...build.image.config.dependencies.filter((name) => name !== DEFAULT_INITRD), ...bases(build)])];
}

async function publish(workshop: Workshop, { build, placement, madeFrom, artifacts }: BuiltImage): Promise<void> {
  // Measured before: once they are published, another build may replace them.
  const sizes = artifacts.map(({ path }) => artifactSize(path));
  const published = artifacts.map((artifact) => ({
    ...artifact,
    path: join(placement.target, basename(artifact.path)),
  }));
  const { store } = workshop;
  const place = { directory: placement.target, image: build.image.name };
  await placement.publish(async () => {
    if (madeFrom === undefined || store === undefined) return;
    await namingFullDisk(build.image, writtenIn(build, workshop), () => store.outputs.add(place, madeFrom, published));
  });
  tellArtifacts(build, published, sizes);
}

function tellArtifacts({ report }: ImageBuild, artifacts: readonly Artifact[], sizes: readonly number[]): void {
  for (const [index, { path, kind }] of artifacts.entries())
    if (kind !== "link") report.artifact(path, sizes[index] ?? 0);
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
