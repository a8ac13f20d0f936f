// Decides what starts a machine: UEFI firmware from the image's own boot loader, a kernel that the firmware loads,
// or a kernel that QEMU starts itself.

import { existsSync } from "node:fs";
import { EFI_NAMES } from "../facts/architectures.ts";
import { BIOS_BOOT_TYPE } from "../facts/grub.ts";
import { ESP_TYPE, readGpt } from "../formats/gpt.ts";
import { identifyKernel, type KernelKind } from "../formats/pe.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";

/** Where a build puts what can be booted, whether it is there or not. */
export interface BootFiles {
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly uki: string;
}

export interface Boot {
  readonly firmware: "none" | "uefi" | "uefi-secure-boot";
  /** `uki` brings its command line and initrd along. */
  readonly kernel: { readonly path: string; readonly uki: boolean } | undefined;
  readonly initrd: string | undefined;
}

export type BootConfig = Pick<
  Config,
  | "architecture"
  | "biosBootloader"
  | "bootloader"
  | "buildDirectory"
  | "firmware"
  | "firmwareVariables"
  | "format"
  | "linux"
  | "qemuArgs"
  | "secureBoot"
>;

/** Formats that a machine can be made of. */
const BOOTABLE = ["disk", "directory", "cpio", "uki", "esp"];

/**
 * How an image is booted.
 * @param args the user's arguments for QEMU, which may name a kernel or an initrd
 * @throws {Failure} when the format cannot be booted, or a kernel is missing
 */
export async function decideBoot(config: BootConfig, files: BootFiles, args: readonly string[]): Promise<Boot> {
  const { format } = config;
  if (!BOOTABLE.includes(format)) {
    throw new Failure(`an image in format ${format} cannot be booted in a virtual machine`, {
      remedy: `build it with Format= one of ${BOOTABLE.join(", ")}`,
    });
  }
  const all = [...config.qemuArgs, ...args];
  const named = format === "uki" || format === "esp" ? undefined : namedKernel(config, all);
  if (named === undefined && startsByBios(config)) {
    await requirePartition(files.image, BIOS_BOOT_TYPE, "BIOS boot partition", "BiosBootloader=grub");
    return { firmware: "none", kernel: undefined, initrd: undefined };
  }
  const firmware = decideFirmware(config, named === undefined ? undefined : await identifyKernel(named));
  const path = named ?? imageKernel(config, files, firmware);
  if (path === undefined) {
    if (config.format === "disk") {
      const packages = "Debian: linux-image-cloud-amd64, systemd-boot-efi";
      await requirePartition(files.image, ESP_TYPE, "EFI system partition", "Bootable=yes", packages);
    }
    return { firmware, kernel: undefined, initrd: undefined };
  }
  if (!existsSync(path)) throw noKernel(path, named !== undefined);
  const uki = (await identifyKernel(path)) === "uki";
  return { firmware, kernel: { path, uki }, initrd: chooseInitrd(config, files, uki, all) };
}

/** Whether QEMU's BIOS starts the disk: where it is asked for, or nothing else could. @throws {Failure} */
function startsByBios({ firmware, format, biosBootloader, bootloader }: BootConfig): boolean {
  if (firmware === "bios" && format !== "disk") {
    throw new Failure(`a BIOS starts disks only, and this image's format is ${format}`, {
      remedy: "build it with Format=disk, or set Firmware=auto",
    });
  }
  return (
    firmware === "bios" ||
    (firmware === "auto" && format === "disk" && biosBootloader === "grub" && bootloader === "none")
  );
}

/** Firmware that finds nothing to start waits for somebody to press a key. @throws {Failure} */
async function requirePartition(
  image: string,
  wanted: string,
  name: string,
  setting: string,
  packages = "Debian: linux-image-cloud-amd64, grub-pc-bin",
): Promise<void> {
  // What cannot be read at all is explained where the disk is prepared.
  const gpt = await readGpt(image).catch(() => undefined);
  if (gpt === undefined || gpt.partitions.some(({ type }) => type === wanted)) return;
  throw new Failure(`${image} has no ${name}: there is nothing in it that could be booted`, {
    remedy: `add a kernel and a boot loader to Packages= (${packages}) and set ${setting}, or boot a kernel of your own: --firmware=linux --linux=PATH`,
  });
}

function namedKernel(config: BootConfig, args: readonly string[]): string | undefined {
  const option = args.lastIndexOf("-kernel");
  const path =
    config.linux === null
      ? option < 0
        ? undefined
        : args[option + 1]
      : expandLinux(config.linux, config.buildDirectory);
  if (path !== undefined && !existsSync(path)) throw noKernel(path, true);
  return path;
}

/** Linux= has specifiers of its own, which are expanded when the machine is started. */
function expandLinux(linux: string, buildDirectory: string | null): string {
  return linux.replace(/&(.)/g, (whole, letter: string) => {
    if (letter === "&") return "&";
    if (letter === "b" && buildDirectory !== null) return buildDirectory;
    throw new Failure(
      `Linux= uses ${whole}, which ${letter === "b" ? "needs a BuildDirectory=" : "is not a specifier"}`,
      {
        remedy: "write && for an ampersand and &b for the build directory",
      },
    );
  });
}

function decideFirmware(config: BootConfig, named: KernelKind | undefined): Boot["firmware"] {
  const { firmware, format, firmwareVariables } = config;
  if (firmware === "uefi" || firmware === "uefi-secure-boot") return firmware;
  if (format === "uki" || format === "esp") return decideUefi();
  if (firmware !== "auto") return "none";
  if (EFI_NAMES[config.architecture] === undefined) return "none";
  if (named !== undefined) return named === "other" ? "none" : decideUefi();
  return format === "disk" ? decideUefi() : "none";

  /** Secure boot needs SMM, which is slow under emulation and not every KVM has: it is there when something is signed. */
  function decideUefi(): "uefi" | "uefi-secure-boot" {
    return config.secureBoot || firmwareVariables !== null ? "uefi-secure-boot" : "uefi";
  }
}

function imageKernel(config: BootConfig, files: BootFiles, firmware: Boot["firmware"]): string | undefined {
  if (config.format === "uki") return files.image;
  if (config.format === "esp") return undefined;
  if (firmware === "none") return files.kernel;
  return config.format === "disk" ? undefined : files.uki;
}

function chooseInitrd(config: BootConfig, files: BootFiles, uki: boolean, args: readonly string[]): string | undefined {
  if (config.format === "cpio") return files.image;
  if (uki || config.firmware === "linux-noinitrd" || args.includes("-initrd") || !existsSync(files.initrd))
    return undefined;
  return files.initrd;
}

function noKernel(path: string, named: boolean): Failure {
  return new Failure(`there is no kernel at ${path}`, {
    remedy: named
      ? "name an existing file in Linux= or -kernel"
      : "install a kernel package in the image and keep kernel among SplitArtifacts=, or name one in Linux=",
  });
}
