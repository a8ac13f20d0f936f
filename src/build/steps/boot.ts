// What makes the tree bootable: the boot loader, then kernels with their initrds.

import { isMadeOfTree, keepComponents } from "../../boot/components.ts";
import { needsPartitions } from "../../boot/entry.ts";
import { placeKernels } from "../../boot/kernels.ts";
import { KERNEL_READS, LOADER_READS } from "../../boot/reads.ts";
import { installSystemdBoot } from "../../boot/systemd-boot.ts";
import { installKernels } from "../../boot/uki.ts";
import { wantsKernels } from "../../boot/wanted.ts";
import { planDisk } from "../../outputs/plan.ts";
import { placesBelow } from "../../tools/looked-at.ts";
import { clampTimes } from "../../tools/remove-files.ts";
import { DEFAULT_INITRD, type ImageBuild } from "../image-build.ts";
import type { Step } from "../pipeline.ts";

export const bootLoader: Step = {
  title: "Installing the boot loader",
  async run(context) {
    // Also where nothing boots by itself: others build on the tree, or start its kernel.
    await placeKernels(context.root);
    await installSystemdBoot(context);
  },
  looksAt: async ({ root }) => placesBelow(root, LOADER_READS),
};

export const bootComponents: Step = {
  title: "Keeping kernel and stub",
  applies: ({ image }) => isMadeOfTree(image.config),
  run: (context) => keepComponents(context, context.notes),
};

export const kernelImages: Step = {
  title: "Installing kernels",
  applies: ({ image }) => wantsKernels(image.config),
  async wait(build) {
    if (build.image.config.dependencies.includes(DEFAULT_INITRD)) await build.outputOf(DEFAULT_INITRD);
  },
  async run(context) {
    await installKernels(context, {
      initrds: await initrds(context),
      partitions: needsPartitions(context) ? await planDisk(context) : [],
    });
    const { sourceDateEpoch } = context.image.config;
    if (sourceDateEpoch === null) return;
    for (const directory of ["boot", "efi"]) await clampTimes(context.root, sourceDateEpoch, directory);
  },
  // systemd-repart decides about partitions by all that is to be in them.
  looksAt: async (context) => (needsPartitions(context) ? undefined : placesBelow(context.root, KERNEL_READS)),
};

/** The files of Initrds=. The default one is of this build and lies where it was made until the build is over. */
async function initrds({ image, defaultInitrd, outputOf }: ImageBuild): Promise<readonly string[]> {
  const made = image.config.dependencies.includes(DEFAULT_INITRD) ? await outputOf(DEFAULT_INITRD) : undefined;
  if (made === undefined) return image.config.initrds;
  return image.config.initrds.map((path) => (defaultInitrd.includes(path) ? made.staged : path));
}
