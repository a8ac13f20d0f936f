// Disk images: a GPT that systemd-repart makes from the project's partition definitions, or from default ones.

import { existsSync } from "node:fs";
import { mkdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EFI_NAMES } from "../facts/architectures.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { Failure } from "../report/failure.ts";
import { formatBytes } from "../report/quantity.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { verityOptions } from "../signing/verity.ts";
import type { OutputContext, TreeContext } from "../tools/context.ts";
import { hasBiosGrub } from "../tools/grub.ts";
import { fileInside } from "../tools/inside.ts";
import { type RepartOptions, type RepartPartition, runRepart } from "../tools/repart.ts";
import { BIOS_DEFINITION, installForBios } from "./bios.ts";
import { ext4Needs, ext4Size } from "./ext4-size.ts";
import { writeRootHash } from "./roothash.ts";
import { bootsWithVerity, checkSigned } from "./verity.ts";

const ESP_SIZE = "512M";
const MINIMIZED = "Minimize=guess";
/** systemd-repart leaves out what is in them, and what another partition has. */
const ALWAYS_EMPTY = ["dev", "proc", "sys", "run", "tmp", "var/tmp"];
const ESP_SOURCES = ["boot", "efi"];
/** Partitions that kernels go to. */
const KERNEL_PARTITIONS = ["esp", "xbootldr"];

export interface Disk {
  readonly image: string;
  /** Files with one partition each, when SplitArtifacts=partitions asks for them. */
  readonly partitions: readonly string[];
  /** The file with the root hash, when SplitArtifacts=roothash asks for it and there is one. */
  readonly rootHash: string | undefined;
}

/** What systemd-repart has made, as files. */
export async function diskOf(context: OutputContext, image: string, made: readonly RepartPartition[]): Promise<Disk> {
  return {
    image,
    // One that is left empty is named, but has no file.
    partitions: made.flatMap(({ splitPath }) => (splitPath !== undefined && existsSync(splitPath) ? splitPath : [])),
    rootHash: await writeRootHash(context, made),
  };
}

/** Puts kernels into the tree for a disk whose partitions are known. */
export type KernelInstaller = (partitions: readonly RepartPartition[]) => Promise<void>;

const NO_KERNELS: KernelInstaller = async () => {};

/**
 * Makes the disk image in the staging directory.
 * @param installKernels is called on disks with verity, whose root hash must be on the kernel's command line
 * @throws {Failure} {CommandFailure}
 */
export async function packDisk(context: OutputContext, name: string, installKernels = NO_KERNELS): Promise<Disk> {
  const { config } = context.image;
  const image = join(context.staging, name);
  // A boot catalogue is of use only where there is something to boot.
  const automatic = hasBootFiles(context) && !hasBiosGrub(context.root, config);
  const elTorito = config.elTorito === "enabled" || (config.elTorito === "auto" && automatic);
  const split = config.splitArtifacts.includes("partitions");
  const options = { image, elTorito, split, ...verityOptions(context) };
  const partitions = bootsWithVerity(config)
    ? await createVerityDisk(context, options, installKernels)
    : await createDisk(context, { ...options, mode: "create" });
  checkSigned(context.image, partitions);
  await installForBios(context, image, partitions);
  if (config.outputSize !== null) await grow(context, image, config.outputSize);
  return await diskOf(context, image, partitions);
}

/** First the file systems that are protected, then, when their root hash is known, what starts them. */
async function createVerityDisk(
  context: OutputContext,
  options: Omit<RepartOptions, "definitions" | "mode">,
  installKernels: KernelInstaller,
): Promise<readonly RepartPartition[]> {
  const definitions = await partitionDefinitions(context);
  const hashed = await runRepart(context, {
    ...{ ...options, definitions, mode: "create", elTorito: false, split: false },
    defer: [...(options.defer ?? []), ...KERNEL_PARTITIONS],
  });
  await installKernels(hashed);
  const whole = await runRepart(context, { ...options, definitions, mode: "update" });
  // A second run tells no hashes of what is there already.
  const hashes = new Map(hashed.map(({ uuid, roothash }) => [uuid, roothash]));
  return whole.map((partition) => {
    const roothash = partition.roothash ?? hashes.get(partition.uuid);
    return { ...partition, ...(roothash === undefined ? {} : { roothash }) };
  });
}

async function createDisk(
  context: OutputContext,
  options: Omit<RepartOptions, "definitions">,
): Promise<readonly RepartPartition[]> {
  const size = rootSize(context);
  if (size !== undefined) {
    const definitions = [await writeDefinitions(context, "repart.d.sized", `SizeMinBytes=${size}`)];
    try {
      return await runRepart(context, { ...options, definitions, mayFail: true });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      context.report.output(
        "The root file system does not fit into the estimated size: its size is found out by making it\n",
      );
      await rm(options.image, { force: true });
    }
  }
  return await runRepart(context, { ...options, definitions: await partitionDefinitions(context) });
}

/** How large the root partition of the default definitions is made; undefined: systemd-repart is to find out. */
function rootSize(context: TreeContext): number | undefined {
  const { config } = context.image;
  if (config.repartDirectories.length > 0 || DISTRIBUTIONS[config.distribution].filesystem !== "ext4") return undefined;
  return ext4Size(ext4Needs(context.root, wantsEsp(context) ? [...ALWAYS_EMPTY, ...ESP_SOURCES] : ALWAYS_EMPTY));
}

/** RepartDirectories=, or the directory with the definitions that are used without it. */
export async function partitionDefinitions(context: TreeContext): Promise<readonly string[]> {
  const { repartDirectories } = context.image.config;
  return repartDirectories.length > 0 ? repartDirectories : [await writeDefinitions(context, "repart.d", MINIMIZED)];
}

async function writeDefinitions(context: TreeContext, name: string, rootSizing: string): Promise<string> {
  const directory = join(context.scratch, name);
  await mkdir(directory, { recursive: true });
  const write = (file: string, lines: readonly string[]) =>
    writeFile(join(directory, file), `${["[Partition]", ...lines].join("\n")}\n`);
  if (wantsEsp(context)) {
    const size = [`SizeMinBytes=${ESP_SIZE}`, `SizeMaxBytes=${ESP_SIZE}`];
    await write("00-esp.conf", [
      "Type=esp",
      "Format=vfat",
      ...ESP_SOURCES.map((source) => `CopyFiles=/${source}:/`),
      ...size,
    ]);
  }
  if (hasBiosGrub(context.root, context.image.config)) await write("05-bios.conf", BIOS_DEFINITION);
  const { filesystem } = DISTRIBUTIONS[context.image.config.distribution];
  await write("10-root.conf", ["Type=root", `Format=${filesystem}`, "CopyFiles=/", rootSizing]);
  return directory;
}

function wantsEsp(context: TreeContext): boolean {
  const { bootable } = context.image.config;
  const automatic = hasBootFiles(context) || hasBiosGrub(context.root, context.image.config);
  return bootable === "enabled" || (bootable === "auto" && automatic);
}

/** Whether a boot loader or a kernel for UEFI was installed. */
function hasBootFiles(context: TreeContext): boolean {
  const efi = EFI_NAMES[context.image.config.architecture];
  return efi !== undefined && fileInside(context.root, `efi/EFI/BOOT/BOOT${efi.toUpperCase()}.EFI`) !== undefined;
}

async function grow(context: OutputContext, image: string, size: number): Promise<void> {
  const current = (await stat(image)).size;
  if (size > current) await truncate(image, size);
  if (size >= current) return;
  throw new Failure(
    `image ${context.image.name} does not fit into OutputSize=: it has ${formatBytes(current)}, and ${formatBytes(size)} are allowed`,
    {
      origin: context.image.origin("outputSize"),
      remedy: "allow more, or make the partitions smaller (RepartDirectories=, RemoveFiles=)",
    },
  );
}
