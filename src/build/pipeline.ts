// The build of one image on one page: which steps there are, in which order, and what packs the result. Each step's
// result is a layer; a step that names its inputs shares its layer with every image that has the same ones.

import { utimes } from "node:fs/promises";
import { splitModulesInitrd } from "../boot/initrd.ts";
import { packTreeProgram } from "../boot/tree-program.ts";
import type { FormerDirectory } from "../outputs/directory-links.ts";
import type { Artifact } from "../outputs/index.ts";
import { pack } from "../outputs/index.ts";
import { plainName } from "../outputs/names.ts";
import type { Config } from "../settings/index.ts";
import { namingBaseTree } from "./base-owner.ts";
import { baseKeys, baseLayers } from "./base-trees.ts";
import { namingFullDisk, type WritablePlace } from "./full-disk.ts";
import type { ImageBuild, StepContext } from "./image-build.ts";
import { artifactsDigest, bootArtifacts } from "./scripts/boot-artifacts.ts";
import { publishHandedOn, runPostOutputScripts } from "./scripts/outputs.ts";
import { resultOf } from "./scripts/result.ts";
import { bootComponents, bootLoader, installLateKernels, kernelImages } from "./steps/boot.ts";
import { buildPackages, buildScripts, builtFiles } from "./steps/build-scripts.ts";
import { cleanUp, removals } from "./steps/clean-up.ts";
import { difference } from "./steps/difference.ts";
import { finalizeScripts, postInstallationScripts } from "./steps/image-scripts.ts";
import { manifest, readPackageList } from "./steps/manifest.ts";
import { baseSystem, packages } from "./steps/packages.ts";
import { prepareScripts, prepareScriptsForBuild } from "./steps/prepare-scripts.ts";
import { identity, systemdState } from "./steps/systemd.ts";
import { extraTrees, skeletonTrees } from "./steps/trees.ts";
import { volatilePackages } from "./steps/volatile-packages.ts";
import type { Inputs } from "./store/fingerprints.ts";
import { keyOf } from "./store/key.ts";
import type { Layer, LayerStore, Stack } from "./store/layers.ts";
import type { Workshop } from "./workshop.ts";

export interface Step {
  /** As the progress view shows it: what is being done. */
  readonly title: string;
  /** What gives it something to do. */
  readonly setting?: keyof Config;
  /** False where the step has nothing to do for this image. */
  applies?(build: ImageBuild): boolean;
  /** Everything that `run` reads beyond the tree; without it the layer is this image's own. */
  inputs?(build: ImageBuild): Promise<unknown>;
  /** Whether it installs packages, and the repositories are needed if it has to run. */
  readonly installs?: boolean;
  /** Whether it works on the build overlay: on top of the image, without being a part of it. */
  readonly overlay?: boolean;
  /** Whether it makes the tree anew, from what there is so far: nothing that is below it is seen any more. */
  readonly anew?: boolean;
  /** Whether what it does to the tree is thrown away. */
  readonly notesOnly?: boolean;
  /** Whether it runs in every build, as nobody can tell what it depends on. */
  always?(build: ImageBuild): boolean;
  /**
   * Where in the tree it looks, asked before and after it runs: paths relative to the tree, each for all that begin with it,
   * beyond those that the step has written. Its layer then goes on top of trees that are different elsewhere. Without it, or where
   * it is undefined: everywhere.
   */
  looksAt?(context: StepContext): Promise<readonly string[] | undefined>;
  /** Waits for other images, before the step takes one of the places of `--jobs`. */
  wait?(build: ImageBuild): Promise<void>;
  /** Changes the tree at `context.root`. */
  readonly run: (context: StepContext) => Promise<void>;
}

export const steps: readonly Step[] = [
  skeletonTrees,
  baseSystem,
  packages,
  prepareScripts,
  buildPackages,
  prepareScriptsForBuild,
  buildScripts,
  volatilePackages,
  builtFiles,
  extraTrees,
  postInstallationScripts,
  identity,
  bootLoader,
  systemdState,
  bootComponents,
  removals,
  manifest,
  difference,
  cleanUp,
  finalizeScripts,
  kernelImages,
];

/** The steps that have something to do for an image. */
export function stepsOf(build: ImageBuild): readonly Step[] {
  const applying = steps.filter((step) => step.applies?.(build) !== false);
  // Nobody sees more of an image that is not packed than what its build scripts make.
  if (build.image.config.format !== "none" && !build.scripts.rerun) return applying;
  return applying.slice(0, applying.indexOf(buildScripts) + 1);
}

/** What has been made of an image. */
export interface BuiltTree {
  /** The layers of BaseTrees=. */
  readonly base: Stack;
  readonly image: Stack;
  /** How many of the image's layers are not seen any more, nor is the base: a step has made the tree anew. */
  readonly covered: number;
  /** On top of it, for build scripts. */
  readonly overlay: Stack;
  /** The notes of all steps, in the order of the steps. */
  readonly notes: readonly string[];
  /** How many steps that was. */
  readonly steps: number;
}

/** The tree before the first step. What an earlier walk over the steps has told the inputs does not hold yet. */
function nothingBuilt(inputs: Inputs, base: Stack): BuiltTree {
  inputs.tell("built", "");
  inputs.tell("artifacts", "");
  return { base, image: [], covered: 0, overlay: [], notes: [], steps: 0 };
}

/** The layers that make up the tree as it is. */
export function stackOf({ base, image, covered }: BuiltTree): Stack {
  return covered > 0 ? image.slice(covered) : [...base, ...image];
}

/** The layers that a step lies on. */
export function stackBelow(tree: BuiltTree, step: Step): Stack {
  const stack = stackOf(tree);
  // It comes after the last one, but has none of them mounted below it.
  if (step.anew === true) return stack.slice(-1).map((layer) => ({ ...layer, path: "" }));
  return step.overlay === true ? [...stack, ...tree.overlay] : stack;
}

/** The tree with the layer of its next step. */
export function onTop(tree: BuiltTree, step: Step, layer: Layer): BuiltTree {
  const more = { notes: [...tree.notes, layer.notes], steps: tree.steps + 1 };
  if (step.overlay === true) return { ...tree, ...more, overlay: [...tree.overlay, layer] };
  const covered = step.anew === true ? tree.image.length : tree.covered;
  return { ...tree, ...more, covered, image: [...tree.image, layer] };
}

/** The same; the image's inputs are told of the result. */
async function withLayer(
  before: BuiltTree,
  step: Step,
  layer: Layer,
  { build, inputs }: { readonly build: ImageBuild; readonly inputs: Inputs },
): Promise<BuiltTree> {
  const tree = onTop(before, step, layer);
  if (step.overlay === true)
    inputs.tell("built", keyOf(await Promise.all(tree.overlay.map((each) => resultOf(build, each)))));
  inputs.tell("artifacts", artifactsDigest(tree.notes));
  return tree;
}

export interface ImagePlaces {
  /** Where the tree is mounted while it is worked on. */
  readonly root: string;
  /** Where the artefacts are put. */
  readonly staging: string;
}

/**
 * Runs the steps of an image one on top of the other, as far as their layers are not there.
 * @param last the layers that it was made of the last time
 */
export async function buildTree(
  build: ImageBuild,
  { last, ...places }: ImagePlaces & { readonly last: Stack | undefined },
  inputs: Inputs,
  workshop: Workshop,
): Promise<BuiltTree> {
  const { layers, slots, progress } = workshop;
  const { name } = build.image;
  const written = writtenIn(build, workshop);
  const base = await baseLayers({ ...build, ...places, ...NOTHING_BELOW }, inputs, layers);
  progress.begin(name, base);
  let tree = nothingBuilt(inputs, base);
  for (const step of stepsOf(build)) {
    const before = tree;
    const made = ({ image, overlay }: BuiltTree) =>
      progress.finished(name, {
        title: step.title,
        layer: (step.overlay === true ? overlay : image).at(-1) as Layer,
      });
    await step.wait?.(build);
    const kept =
      step.always?.(build) === true ? undefined : await layers.find(stackBelow(before, step), step.title, inputs);
    if (kept !== undefined) {
      tree = await withLayer(before, step, kept, { build, inputs });
      made(tree);
      build.report.kept(step.title);
      continue;
    }
    const phase = build.report.phase(step.title, async () => {
      const shared = await step.inputs?.(build);
      const work = {
        ...step,
        shared,
        context: { ...build, ...places, ...below(before) },
        inputs,
        last,
        notesOnly: step.notesOnly === true,
        always: step.always?.(build) === true,
        // Before the unfinished layer is removed.
        run: (context: StepContext) =>
          namingFullDisk(build.image, written, () =>
            namingBaseTree(build.image, context.root, () => step.run(context)),
          ),
      };
      const add = () => layers.add(stackBelow(before, step), work);
      const layer = await slots(() => namingFullDisk(build.image, written, add));
      return await withLayer(before, step, layer, { build, inputs });
    });
    tree = await phase.catch((error: unknown) => {
      progress.failed(name, step.title, error);
      throw error;
    });
    made(tree);
  }
  return tree;
}

const NOTHING_BELOW = { earlier: [], artifacts: [], base: [], own: [] };

/** What a step is told of the tree that it gets. */
export function below(tree: BuiltTree): Pick<StepContext, "earlier" | "artifacts" | "base" | "own"> {
  const paths = (stack: Stack) => stack.map(({ path }) => path);
  return { earlier: tree.notes, artifacts: tree.notes, base: paths(tree.base), own: paths(tree.image) };
}

/** Where building an image writes. */
export function writtenIn(
  { packageCache }: ImageBuild,
  { store, workspace }: Pick<Workshop, "store" | "workspace">,
): readonly WritablePlace[] {
  return [
    ...(store === undefined ? [] : [{ path: store.directory, setting: "cacheDirectory" } as const]),
    { path: workspace, setting: "workspaceDirectory" },
    { path: packageCache, setting: "packageCacheDirectory" },
  ];
}

/** What is there already of an image, up to the first step that has to run. */
export async function layersThere(build: ImageBuild, inputs: Inputs, layers: LayerStore): Promise<BuiltTree> {
  const base = await baseKeys(build, inputs);
  let tree = nothingBuilt(inputs, base ?? []);
  if (base === undefined) return tree;
  for (const step of stepsOf(build)) {
    const layer =
      step.always?.(build) === true ? undefined : await layers.find(stackBelow(tree, step), step.title, inputs);
    if (layer === undefined) break;
    tree = await withLayer(tree, step, layer, { build, inputs });
  }
  return tree;
}

/** Whether a step that installs packages would have to run on top of the layers that are there. */
export function needsPackages(build: ImageBuild, there: BuiltTree): boolean {
  return stepsOf(build)
    .slice(there.steps)
    .some((step) => step.installs === true);
}

/** Packs a tree. @returns the artefacts in the staging directory */
export async function packImage(
  tree: Stack,
  context: StepContext,
  layers: LayerStore,
  former: FormerDirectory | undefined,
): Promise<readonly Artifact[]> {
  await using _mounted = await layers.mount(tree, context.root);
  // What overlayfs shows of the root directory is that of this mount's own upper directory.
  const { sourceDateEpoch } = context.image.config;
  if (sourceDateEpoch !== null) await utimes(context.root, sourceDateEpoch, sourceDateEpoch);
  const also = [...(await publishHandedOn(context)), ...(await splitModulesInitrd(context))];
  await using given = await bootArtifacts(context);
  const prepared = await packTreeProgram(context, context.earlier, given, plainName(context.image.config));
  const artifacts = await pack(context, {
    ...{ prepared, also, former, notes: context.earlier },
    packages: await readPackageList(context.earlier),
    installKernels: (partitions) => installLateKernels(context, partitions),
  });
  return await runPostOutputScripts(context, artifacts);
}
