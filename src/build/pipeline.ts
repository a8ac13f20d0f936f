// The build of one image on one page: which steps there are, in which order, and what packs the result. Each step's
// result is a layer; a step that names its inputs shares its layer with every image that has the same ones.

import { splitModulesInitrd } from "../boot/initrd.ts";
import type { Artifact } from "../outputs/index.ts";
import { pack } from "../outputs/index.ts";
import type { ImageBuild, StepContext } from "./image-build.ts";
import type { Layer, LayerStore, Stack } from "./layers.ts";
import { bootLoader, kernelImages } from "./steps/boot.ts";
import { cleanUp, removals } from "./steps/clean-up.ts";
import { manifest, readPackageList } from "./steps/manifest.ts";
import { baseSystem, packages } from "./steps/packages.ts";
import { identity, systemdState } from "./steps/systemd.ts";
import { extraTrees, skeletonTrees } from "./steps/trees.ts";
import type { Inputs } from "./store/fingerprints.ts";
import type { Workshop } from "./workshop.ts";

export interface Step {
  /** As the progress view shows it: what is being done. */
  readonly title: string;
  /** False where the step has nothing to do for this image. */
  applies?(build: ImageBuild): boolean;
  /** Everything that `run` reads beyond the tree; without it the layer is this image's own. */
  inputs?(build: ImageBuild): Promise<unknown>;
  /** Whether it installs packages, and the repositories are needed if it has to run. */
  readonly installs?: boolean;
  /** Waits for other images, before the step takes one of the places of `--jobs`. */
  wait?(build: ImageBuild): Promise<void>;
  /** Changes the tree at `context.root`. */
  readonly run: (context: StepContext) => Promise<void>;
}

export const steps: readonly Step[] = [
  skeletonTrees,
  baseSystem,
  packages,
  extraTrees,
  identity,
  bootLoader,
  systemdState,
  removals,
  manifest,
  cleanUp,
  kernelImages,
];

/** The steps that have something to do for an image. */
export function stepsOf(build: ImageBuild): readonly Step[] {
  return steps.filter((step) => step.applies?.(build) !== false);
}

export interface ImagePlaces {
  /** Where the tree is mounted while it is worked on. */
  readonly root: string;
  /** Where the artefacts are put. */
  readonly staging: string;
}

/** Runs the steps of an image one on top of the other, as far as their layers are not there. */
export async function buildTree(
  build: ImageBuild,
  places: ImagePlaces,
  inputs: Inputs,
  { layers, slots }: Pick<Workshop, "layers" | "slots">,
): Promise<Stack> {
  const context = { ...build, ...places };
  let stack: Stack = [];
  for (const step of stepsOf(build)) {
    const below = stack;
    stack = await build.report.phase(step.title, async () => {
      await step.wait?.(build);
      const shared = await step.inputs?.(build);
      return await slots(() => layers.add(below, { title: step.title, shared, context, inputs, run: step.run }));
    });
  }
  return stack;
}

/** The layers of an image that are there already, up to the first step that has to run. */
export async function layersThere(build: ImageBuild, inputs: Inputs, layers: LayerStore): Promise<Stack> {
  const stack: Layer[] = [];
  for (const step of stepsOf(build)) {
    const layer = await layers.find(stack, step.title, inputs);
    if (layer === undefined) break;
    stack.push(layer);
  }
  return stack;
}

/** Whether a step that installs packages would have to run on top of the layers that are there. */
export function needsPackages(build: ImageBuild, there: Stack): boolean {
  return stepsOf(build)
    .slice(there.length)
    .some((step) => step.installs === true);
}

/** Packs a tree. @returns the artefacts in the staging directory */
export async function packImage(stack: Stack, context: StepContext, layers: LayerStore): Promise<readonly Artifact[]> {
  await using _mounted = await layers.mount(stack, context.root);
  return await pack(context, { packages: await readPackageList(stack), also: await splitModulesInitrd(context) });
}
