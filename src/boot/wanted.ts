// What Bootable=, Bootloader= and the format together ask for; `auto` may still find nothing to boot in the tree.

import { EFI_NAMES } from "../facts/architectures.ts";
import { BOOT_PACKAGES, type BootPackages } from "../facts/boot-packages.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import type { ImageContext } from "../tools/context.ts";

/** Formats that are not started by themselves: with Bootable=auto they get no kernel. */
const NOT_STARTED: readonly Config["format"][] = ["none", "cpio", "sysext", "confext", "portable", "addon"];
/** With Bootable=auto these get no boot loader either. */
const WITHOUT_LOADER: readonly Config["format"][] = [...NOT_STARTED, "oci", "uki"];

/** Whether kernels are put where a boot loader finds them. */
export function wantsKernels({ bootable, format, overlay }: Config): boolean {
  if (bootable === "disabled" || format === "uki" || format === "esp") return false;
  return bootable === "enabled" || !(overlay || NOT_STARTED.includes(format));
}

/** Whether the image is to boot by UEFI. @throws {Failure} when it must and its architecture has none */
export function wantsEfi({ image }: ImageContext): boolean {
  const { bootable, bootloader, format, overlay, architecture } = image.config;
  if (format === "esp") return true;
  if (bootable === "disabled" || bootloader === "none") return false;
  if (bootable === "auto" && (overlay || WITHOUT_LOADER.includes(format))) return false;
  if (EFI_NAMES[architecture] !== undefined) return true;
  if (bootable === "auto") return false;
  throw new Failure(`image ${image.name} cannot be bootable: there is no UEFI on ${architecture}`, {
    origin: image.origin("bootable"),
    remedy: "set Bootable=no and boot its kernel directly, or Bootloader=none",
  });
}

/** EFI's name of the image's architecture, as in `linuxx64.efi.stub`. Only to be asked when wantsEfi. */
export function efiName({ image }: ImageContext): string {
  const name = EFI_NAMES[image.config.architecture];
  if (name === undefined) throw new Error(`no EFI on ${image.config.architecture}`);
  return name;
}

/** What firmware starts when it was told nothing, relative to the tree's root. */
export function fallbackLoader(context: ImageContext): string {
  return `efi/EFI/BOOT/BOOT${efiName(context).toUpperCase()}.EFI`;
}

/** The boot loader whoever has signed it. */
export function loaderKind({ bootloader }: Pick<Config, "bootloader">): "none" | "uki" | "systemd-boot" | "grub" {
  return bootloader.replace("-signed", "") as ReturnType<typeof loaderKind>;
}

/** Whether the boot loader is to be the one that the distribution has signed. */
export function isSigned({ bootloader }: Pick<Config, "bootloader">): boolean {
  return bootloader.endsWith("-signed");
}

/** Whether kernels are booted as the unified kernel images that the distribution has made. */
export function wantsPrebuilt(context: ImageContext): boolean {
  const { config } = context.image;
  const { unifiedKernelImages: images } = config;
  return wantsEfi(context) && (images === "signed" || (images === "auto" && isSigned(config)));
}

export function wantsShim({ shimBootloader }: Pick<Config, "shimBootloader">): boolean {
  return shimBootloader !== "none";
}

/** Where firmware, or shim in its place, finds what it starts; relative to the tree's root. */
export function loaderPath(context: ImageContext): string {
  const { config } = context.image;
  if (!wantsShim(config)) return fallbackLoader(context);
  // The name that is built into shim.
  return `efi/EFI/BOOT/${config.distribution === "opensuse" ? "grub" : `grub${efiName(context)}`}.efi`;
}

/** `Add systemd-boot-efi to Packages=`, in the words of the image's distribution. */
export function addPackage({ image }: ImageContext, what: keyof BootPackages): string {
  const name = BOOT_PACKAGES[image.config.distribution]?.[what];
  return name === undefined ? "add it to the image" : `add its package to Packages=, here: ${name}`;
}
