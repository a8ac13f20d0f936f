// The [Content] section: how the image boots.

import { defaultInitrds } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean, feature } from "./types/boolean.ts";
import { oneOf, oneOfOrBoolean } from "./types/choice.ts";
import { list } from "./types/list.ts";
import { packageSpecs } from "./types/package.ts";
import { path, paths } from "./types/path.ts";
import { ukiProfiles } from "./types/special.ts";
import { fileName, words } from "./types/text.ts";

export const contentBoot = {
  bootable: setting({
    name: "Bootable",
    section: "Content",
    option: "bootable",
    type: feature,
    scope: "local",
    match: "feature",
    help: "Whether the image can be booted; with auto, when it has a kernel.",
  }),
  bootloader: setting({
    name: "Bootloader",
    section: "Content",
    option: "bootloader",
    type: oneOf("none", "uki", "systemd-boot", "grub", "uki-signed", "systemd-boot-signed", "grub-signed"),
    default: "systemd-boot",
    scope: "local",
    match: "word",
    help: "The EFI boot loader that is installed.",
  }),
  biosBootloader: setting({
    name: "BiosBootloader",
    section: "Content",
    option: "bios-bootloader",
    type: oneOf("none", "grub"),
    default: "none",
    scope: "local",
    help: "The BIOS boot loader that is installed.",
  }),
  shimBootloader: setting({
    name: "ShimBootloader",
    section: "Content",
    option: "shim-bootloader",
    type: oneOf("none", "signed", "unsigned"),
    default: "none",
    scope: "local",
    help: "Whether shim is put in front of the boot loader, and which one.",
  }),
  unifiedKernelImages: setting({
    name: "UnifiedKernelImages",
    section: "Content",
    option: "unified-kernel-images",
    type: oneOfOrBoolean(["none", "auto", "signed", "unsigned"], { yes: "signed", no: "none" }),
    default: "auto",
    scope: "local",
    help: "Whether kernels are installed as unified kernel images, and who makes them.",
  }),
  unifiedKernelImageFormat: setting({
    name: "UnifiedKernelImageFormat",
    section: "Content",
    option: "unified-kernel-image-format",
    type: fileName("Write a name without any path."),
    scope: "local",
    help: "The file name of unified kernel images.",
  }),
  unifiedKernelImageProfiles: setting({
    name: "UnifiedKernelImageProfiles",
    section: "Content",
    option: "uki-profile",
    type: list(ukiProfiles),
    scope: "local",
    pickupEach: ["mkosi.uki-profiles/*.conf"],
    help: "Files with further profiles of the unified kernel image.",
  }),
  initrds: setting({
    name: "Initrds",
    section: "Content",
    option: "initrd",
    type: list(paths({ required: false, constants: ["default"] })),
    default: defaultInitrds,
    scope: "local",
    help: "Initrds that kernels are booted with; default stands for one that is built from packages.",
  }),
  microcodeHost: setting({
    name: "MicrocodeHost",
    section: "Content",
    option: "microcode-host",
    type: boolean,
    scope: "local",
    help: "Whether only this machine's CPU microcode goes into the initrd.",
  }),
  initrdProfiles: setting({
    name: "InitrdProfiles",
    section: "Content",
    option: "initrd-profile",
    type: list(words("profiles", "PROFILE")),
    scope: "initrd",
    help: "Profiles of the default initrd.",
  }),
  initrdPackages: setting({
    name: "InitrdPackages",
    section: "Content",
    option: "initrd-package",
    type: list(packageSpecs),
    scope: "initrd",
    help: "Further packages of the default initrd.",
  }),
  initrdVolatilePackages: setting({
    name: "InitrdVolatilePackages",
    section: "Content",
    option: "initrd-volatile-package",
    type: list(packageSpecs),
    scope: "initrd",
    help: "Further packages of the default initrd that its cached image is without.",
  }),
  devicetrees: setting({
    name: "Devicetrees",
    section: "Content",
    option: "devicetrees",
    type: list(words("device trees", "PATH")),
    scope: "local",
    oldNames: ["Devicetree"],
    help: "Device tree blobs for kernels and unified kernel images.",
  }),
  splash: setting({
    name: "Splash",
    section: "Content",
    option: "splash",
    type: path({ required: false, absolute: true }),
    scope: "local",
    help: "A picture that is shown while a unified kernel image boots (inside the image).",
  }),
  kernelCommandLine: setting({
    name: "KernelCommandLine",
    section: "Content",
    option: "kernel-command-line",
    type: list(words("options", "OPTIONS"), { split: "blanks" }),
    scope: "local",
    help: "The kernel command line that is built into the image.",
  }),
};
