// PostInstallationScripts= and FinalizeScripts=: they change the image when everything is in it, and before it is packed.

import { clampTimes } from "../../tools/remove-files.ts";
import type { StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { makeBuildDirectory } from "../scripts/build-directory.ts";
import { mountHandedOn } from "../scripts/handed-on.ts";
import { runScripts } from "../scripts/run.ts";
import { hasNetwork, treeOf } from "./prepare-scripts.ts";
import { withBuiltPackages } from "./volatile-packages.ts";

export const postInstallationScripts: Step = {
  title: "Running post-installation scripts",
  setting: "postInstallationScripts",
  applies: ({ image }) => image.config.postInstallationScripts.length > 0,
  always: hasNetwork,
  run: (context) => runInTree(context, "postinst"),
};

export const finalizeScripts: Step = {
  title: "Running finalize scripts",
  setting: "finalizeScripts",
  applies: ({ image }) => image.config.finalizeScripts.length > 0,
  always: hasNetwork,
  async run(context) {
    await runInTree(context, "finalize");
    const { sourceDateEpoch } = context.image.config;
    if (sourceDateEpoch !== null) await clampTimes(context.root, sourceDateEpoch);
  },
};

async function runInTree(context: StepContext, kind: "postinst" | "finalize"): Promise<void> {
  await using handedOn = await mountHandedOn(context, ["ARTIFACTDIR", "OUTPUTDIR", "PACKAGEDIR"]);
  const build = await makeBuildDirectory(context.image);
  if (build !== undefined) context.noteBuildDirectory();
  const places = {
    ...handedOn.places,
    ...(build === undefined ? {} : { BUILDDIR: { path: build, readOnly: true } }),
  };
  await using late = await withBuiltPackages(context);
  await runScripts(context, { kind, tree: treeOf(late.context), places });
}
