// Which packages bring what a bootable image needs, for messages that say what to add to Packages=.

import type { DistributionName } from "./distributions.ts";

export interface BootPackages {
  readonly kernel: string;
  /** systemd-boot's EFI programs and systemd-stub. */
  readonly bootloader: string;
  readonly signedBootloader?: string;
  /** A ready-made unified kernel image. */
  readonly unifiedKernel?: string;
  /** GRUB's modules for UEFI and for a BIOS, and its EFI program with the distribution's signature. */
  readonly grub?: string;
  readonly biosGrub?: string;
  readonly signedGrub?: string;
  readonly shim?: string;
  readonly signedShim?: string;
}

const FEDORA: BootPackages = {
  kernel: "kernel-core",
  bootloader: "systemd-boot-unsigned",
  unifiedKernel: "kernel-uki-virt",
  grub: "grub2-efi-x64-modules",
  biosGrub: "grub2-pc-modules",
  signedGrub: "grub2-efi-x64",
  shim: "shim-unsigned-x64",
  signedShim: "shim-x64",
};
const DEBIAN: BootPackages = {
  kernel: "linux-image-amd64 (or linux-image-cloud-amd64, …)",
  bootloader: "systemd-boot-efi",
  signedBootloader: "systemd-boot-efi-amd64-signed",
  grub: "grub-efi-amd64-bin",
  biosGrub: "grub-pc-bin",
  signedGrub: "grub-efi-amd64-signed",
  shim: "shim-unsigned",
  signedShim: "shim-signed",
};

export const BOOT_PACKAGES: Readonly<Partial<Record<DistributionName, BootPackages>>> = {
  debian: DEBIAN,
  kali: DEBIAN,
  ubuntu: { ...DEBIAN, kernel: "linux-image-generic (or linux-image-virtual, …)" },
  fedora: FEDORA,
  centos: FEDORA,
  alma: FEDORA,
  rocky: FEDORA,
  rhel: FEDORA,
  "rhel-ubi": FEDORA,
  azure: { kernel: "kernel", bootloader: "systemd-boot" },
  opensuse: {
    kernel: "kernel-default",
    bootloader: "systemd-boot",
    grub: "grub2-x86_64-efi",
    biosGrub: "grub2-i386-pc",
    signedGrub: "grub2-x86_64-efi",
    signedShim: "shim",
  },
  arch: { kernel: "linux", bootloader: "systemd", grub: "grub", biosGrub: "grub" },
  postmarketos: {
    kernel: "linux-virt",
    bootloader: "systemd-boot systemd-efistub",
    grub: "grub-efi",
    biosGrub: "grub-bios",
  },
};
