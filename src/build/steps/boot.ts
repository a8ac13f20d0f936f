// What makes the tree bootable: the boot loader, then kernels with their initrds. On a disk with verity they are installed
// while it is packed, as the root hash of the rest is on their command line.

import { isMadeOfTree, keepComponents } from "../../boot/components.ts";
import type { PartitionIdentity } from "../../boot/entry.ts";
import { installGrub } from "../../boot/grub.ts";
import { placeKernels } from "../../boot/kernels.ts";
import { KERNEL_READS, LOADER_READS } from "../../boot/reads.ts";
import { installShim } from "../../boot/shim.ts";
import { splashReads } from "../../boot/splash.ts";
import { installSystemdBoot } from "../../boot/systemd-boot.ts";
import { installKernels, needsPlan } from "../../boot/uki.ts";
import { wantsKernels } from "../../boot/wanted.ts";
import { checkBiosPartitions } from "../../outputs/bios.ts";
import { planDisk } from "../../outputs/plan.ts";
import { bootsWithVerity } from "../../outputs/verity.ts";
import { policyDigestsIn } from "../../signing/policy-digests.ts";
import { placesBelow } from "../../tools/looked-at.ts";
import { clampTimes } from "../../tools/remove-files.ts";
import type { RepartPartition } from "../../tools/repart.ts";
import { DEFAULT_INITRD, type ImageBuild, type StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { bootArtifacts } from "../scripts/boot-artifacts.ts";

export const bootLoader: Step = {
  title: "Installing the boot loader",
  async run(context) {
    // Also where nothing boots by itself: others build on the tree, or start its kernel.
    await placeKernels(context.root);
    await installSystemdBoot(context);
    await installGrub(context);
    await installShim(context);
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
  applies: ({ image }) => wantsKernels(image.config) && !bootsWithVerity(image.config),
  wait: waitForInitrd,
  async run(context) {
    await install(context, needsPlan(context) ? await plannedPartitions(context) : [], policyDigestsIn(context.notes));
  },
  // systemd-repart decides about partitions by all that is to be in them.
  looksAt: async (context) =>
    needsPlan(context) ? undefined : placesBelow(context.root, [...KERNEL_READS, ...splashReads(context)]),
};

/** What has to be there before a disk with verity is packed. */
export async function waitForLateKernels(build: ImageBuild): Promise<void> {
  if (wantsKernels(build.image.config) && bootsWithVerity(build.image.config)) await waitForInitrd(build);
}

/** Installs the kernels of a disk with verity, whose partitions are there. @throws {Failure} {CommandFailure} */
export async function installLateKernels(
  context: StepContext,
  partitions: readonly PartitionIdentity[],
): Promise<void> {
  if (!wantsKernels(context.image.config)) return;
  checkBiosPartitions(context, partitions);
  await install(context, partitions, policyDigestsIn(context.scratch));
}

async function waitForInitrd(build: ImageBuild): Promise<void> {
  if (build.image.config.dependencies.includes(DEFAULT_INITRD)) await build.outputOf(DEFAULT_INITRD);
}

async function install(context: StepContext, partitions: readonly PartitionIdentity[], digests: string): Promise<void> {
  await using given = await bootArtifacts(context);
  const all = [...(await initrds(context)), ...given.initrds];
  await installKernels(context, { initrds: all, microcode: given.microcode, partitions, digests });
  const { sourceDateEpoch } = context.image.config;
  if (sourceDateEpoch === null) return;
  for (const directory of ["boot", "efi"]) await clampTimes(context.root, sourceDateEpoch, directory);
}

/** @throws {Failure} when the partition definitions lack what the boot loader needs; {CommandFailure} */
async function plannedPartitions(context: StepContext): Promise<readonly RepartPartition[]> {
  const partitions = await planDisk(context);
  checkBiosPartitions(context, partitions);
  return partitions;
}

/** The files of Initrds=. The default one is of this build and lies where it was made until the build is over. */
async function initrds({ image, defaultInitrd, outputOf }: ImageBuild): Promise<readonly string[]> {
  const made = image.config.dependencies.includes(DEFAULT_INITRD) ? await outputOf(DEFAULT_INITRD) : undefined;
  if (made === undefined) return image.config.initrds;
  return image.config.initrds.map((path) => (defaultInitrd.includes(path) ? made.staged : path));
}
