// Disk images: a GPT that systemd-repart makes from the project's partition definitions, or from default ones.

import { existsSync } from "node:fs";
import { mkdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EFI_NAMES } from "../facts/architectures.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import type { OutputContext, TreeContext } from "../tools/context.ts";
import { type RepartPartition, runRepart } from "../tools/repart.ts";

const ESP_SIZE = "512M";

export interface Disk {
  readonly image: string;
  /** Files with one partition each, when SplitArtifacts=partitions asks for them. */
  readonly partitions: readonly string[];
}

/** Makes the disk image in the staging directory. @throws {Failure} {CommandFailure} */
export async function packDisk(context: OutputContext, name: string): Promise<Disk> {
  const { config } = context.image;
  const image = join(context.staging, name);
  const definitions = await partitionDefinitions(context);
  // A boot catalogue is of use only where there is something to boot.
  const elTorito = config.elTorito === "enabled" || (config.elTorito === "auto" && hasBootFiles(context));
  const split = config.splitArtifacts.includes("partitions");
  const partitions = await runRepart(context, { image, mode: "create", definitions, elTorito, split });
  if (config.outputSize !== null) await grow(context, image, config.outputSize);
  return { image, partitions: partitions.flatMap(({ splitPath }) => splitPath ?? []) };
}

/**
 * Finds out what the partitions of the disk will be, without making it: the same seed gives the same UUIDs.
 * @throws {Failure} {CommandFailure}
 */
export async function planDisk(context: TreeContext): Promise<readonly RepartPartition[]> {
  const directory = join(context.scratch, "plan");
  await mkdir(directory, { recursive: true });
  return await runRepart(context, { image: join(directory, "disk.raw"), mode: "plan", definitions: await partitionDefinitions(context) });
}

/** RepartDirectories=, or the directory with the definitions that are used without it. */
export async function partitionDefinitions(context: TreeContext): Promise<readonly string[]> {
  const { config } = context.image;
  if (config.repartDirectories.length > 0) return config.repartDirectories;
  const directory = join(context.scratch, "repart.d");
  await mkdir(directory, { recursive: true });
  const write = (name: string, lines: readonly string[]) => writeFile(join(directory, name), `${["[Partition]", ...lines].join("\n")}\n`);
  if (config.bootable === "enabled" || (config.bootable === "auto" && hasBootFiles(context))) {
    const size = [`SizeMinBytes=${ESP_SIZE}`, `SizeMaxBytes=${ESP_SIZE}`];
    await write("00-esp.conf", ["Type=esp", "Format=vfat", "CopyFiles=/boot:/", "CopyFiles=/efi:/", ...size]);
  }
  const { filesystem } = DISTRIBUTIONS[config.distribution];
  await write("10-root.conf", ["Type=root", `Format=${filesystem}`, "CopyFiles=/", "Minimize=guess"]);
  return [directory];
}

/** Whether a boot loader or a kernel for UEFI was installed. */
function hasBootFiles(context: TreeContext): boolean {
  const efi = EFI_NAMES[context.image.config.architecture];
  return efi !== undefined && existsSync(join(context.root, `efi/EFI/BOOT/BOOT${efi.toUpperCase()}.EFI`));
}

async function grow(context: OutputContext, image: string, size: number): Promise<void> {
  const current = (await stat(image)).size;
  if (size > current) await truncate(image, size);
  else if (size < current) context.report.output(`OutputSize= is ${size} bytes, but the image is ${current} bytes already: it stays as it is\n`);
}
