// The build of one image on one page: which steps there are, in which order, and what packs the result. Each step's
// result is a layer; a step that names its inputs shares its layer with every image that has the same ones.

import { splitModulesInitrd } from "../boot/initrd.ts";
import type { Artifact } from "../outputs/index.ts";
import { pack } from "../outputs/index.ts";
import type { Slots } from "./graph.ts";
import type { ImageBuild, StepContext } from "./image-build.ts";
import type { LayerStore, Stack } from "./layers.ts";
import { bootLoader, kernelImages } from "./steps/boot.ts";
import { cleanUp, removals } from "./steps/clean-up.ts";
import { manifest, readPackageList } from "./steps/manifest.ts";
import { baseSystem, packages } from "./steps/packages.ts";
import { identity, systemdState } from "./steps/systemd.ts";
import { extraTrees, skeletonTrees } from "./steps/trees.ts";

export interface Step {
  /** As the progress view shows it: what is being done. */
  readonly title: string;
  /** False where the step has nothing to do for this image. */
  applies?(build: ImageBuild): boolean;
  /** Everything that `run` reads beyond the tree; without it the layer is this image's own. */
  inputs?(build: ImageBuild): Promise<unknown>;
  /** Waits for other images, before the step takes one of the places of `--jobs`. */
  wait?(build: ImageBuild): Promise<void>;
  /** Changes the tree at `context.root`. */
  run(context: StepContext): Promise<void>;
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

export interface ImagePlaces {
  /** Where the tree is mounted while it is worked on. */
  readonly root: string;
  /** Where the artefacts are put. */
  readonly staging: string;
}

/** Builds an image: runs the steps one on top of the other, then packs the tree. */
export async function buildImage(
  build: ImageBuild,
  places: ImagePlaces,
  layers: LayerStore,
  slots: Slots,
): Promise<readonly Artifact[]> {
  const context = { ...build, ...places };
  let stack: Stack = [];
  for (const step of steps) {
    if (step.applies?.(build) === false) continue;
    const below = stack;
    stack = await build.report.phase(step.title, async () => {
      await step.wait?.(build);
      const inputs = [step.title, (await step.inputs?.(build)) ?? { image: build.image.name }];
      return await slots(() => layers.add(below, inputs, places.root, () => step.run(context)));
    });
  }
  return await build.report.phase(`Packing (${build.image.config.format})`, () =>
    slots(async () => {
      await using _mounted = await layers.mount(stack, places.root);
      return await pack(context, { packages: await readPackageList(context), also: await splitModulesInitrd(context) });
    }),
  );
}
