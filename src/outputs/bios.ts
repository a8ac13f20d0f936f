// Disks that a BIOS starts: what their partitions and settings must be, and GRUB, which goes into the finished image.

import type { Image } from "../config/project.ts";
import { BIOS_BOOT_TYPE, biosGrub } from "../facts/grub.ts";
import { Failure } from "../report/failure.ts";
import type { TreeContext } from "../tools/context.ts";
import { grubBiosSetup, hasBiosGrub, hasBiosPartitions, wantsBiosGrub } from "../tools/grub.ts";
import { pathInside } from "../tools/inside.ts";

/** What systemd-repart is told where a project has no definitions of its own. */
export const BIOS_DEFINITION = [`Type=${BIOS_BOOT_TYPE}`, "SizeMinBytes=1M", "SizeMaxBytes=1M"];

/** Stops when BiosBootloader=grub does not go with the image's other settings. @throws {Failure} */
export function checkBios(image: Image): void {
  const { config } = image;
  if (!wantsBiosGrub(config)) return;
  const refuse = (why: string, key: "architecture" | "sectorSize" | "elTorito", remedy: string) => {
    throw new Failure(`image ${image.name} cannot be booted by a BIOS: ${why}`, {
      origin: image.origin(key) ?? image.origin("biosBootloader"),
      remedy,
    });
  };
  if (config.architecture !== "x86" && config.architecture !== "x86-64")
    refuse(`there is none on ${config.architecture}`, "architecture", "remove BiosBootloader=grub");
  if (config.sectorSize !== null && config.sectorSize !== 512)
    refuse("its disk would have to have sectors of 512 bytes", "sectorSize", "remove SectorSize=");
  if (config.elTorito === "enabled")
    refuse(
      "GRUB and an El Torito boot catalogue want the same place",
      "elTorito",
      "set ElTorito=auto or BiosBootloader=none",
    );
}

/**
 * Stops when a bootable disk's partition definitions have no place for GRUB, which the default ones have.
 * @throws {Failure}
 */
export function checkBiosPartitions(
  { image, root }: TreeContext,
  partitions: readonly { readonly type: string }[],
): void {
  const { bootable, repartDirectories } = image.config;
  if (bootable !== "enabled" || !hasBiosGrub(root, image.config) || hasBiosPartitions(partitions)) return;
  throw new Failure(
    `image ${image.name} cannot be booted by a BIOS: its partition definitions lack a BIOS boot partition, an EFI system partition, or one for the root or /usr`,
    {
      origin: image.origin("repartDirectories", repartDirectories[0]),
      remedy: `define one with Type=${BIOS_BOOT_TYPE} and SizeMinBytes=1M, and one with Type=esp, or set BiosBootloader=none`,
    },
  );
}

/** Makes a finished disk image one that a BIOS starts, if it is to be. @throws {Failure} {CommandFailure} */
export async function installForBios(
  context: TreeContext,
  image: string,
  partitions: readonly { readonly type: string }[],
): Promise<void> {
  const { config } = context.image;
  if (!hasBiosGrub(context.root, config) || !hasBiosPartitions(partitions)) return;
  await grubBiosSetup(context, pathInside(context.root, biosGrub(config.distribution)), image);
}
