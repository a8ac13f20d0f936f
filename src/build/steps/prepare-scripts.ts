// PrepareScripts=: once after the packages, and once more in the build overlay.

import type { ImageBuild, StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { mountHandedOn } from "../scripts/handed-on.ts";
import { runScripts } from "../scripts/run.ts";

export const prepareScripts: Step = {
  title: "Running prepare scripts",
  setting: "prepareScripts",
  installs: true,
  applies: ({ image }) => image.config.prepareScripts.length > 0,
  run: (context) => prepare(context, "final"),
};

export const prepareScriptsForBuild: Step = {
  title: "Running prepare scripts in the build overlay",
  setting: "prepareScripts",
  installs: true,
  overlay: true,
  applies: ({ image }) => image.config.prepareScripts.length > 0 && image.config.buildScripts.length > 0,
  run: (context) => prepare(context, "build"),
};

async function prepare(context: StepContext, argument: "final" | "build"): Promise<void> {
  await using handedOn = await mountHandedOn(context, ["ARTIFACTDIR", "PACKAGEDIR"]);
  await runScripts(context, {
    kind: "prepare",
    arguments: [argument],
    tree: treeOf(context),
    places: handedOn.places,
  });
}

/** The tree of a step, for scripts. */
export function treeOf(context: StepContext) {
  return { root: context.root, packages: context, packageManager: context.packageManager };
}

/** Whether scripts of kinds that WithNetwork= is for have network, so that nobody can tell what they depend on. */
export function hasNetwork({ image }: ImageBuild): boolean {
  return image.config.withNetwork;
}
