// What GRUB calls things, and where distributions have its programs and shim's.

import type { Architecture } from "./architectures.ts";
import { EFI_NAMES } from "./architectures.ts";
import { DISTRIBUTIONS, type DistributionName } from "./distributions.ts";

/** GRUB's name of the architecture, as in `x86_64-efi`; only these have it. */
export const GRUB_NAMES: Readonly<Partial<Record<Architecture, string>>> = {
  "x86-64": "x86_64",
  x86: "i386",
  arm64: "arm64",
  arm: "arm",
};

/** GRUB's name of PCs with a BIOS. */
export const BIOS_TARGET = "i386-pc";

/** The type of the partition on a GPT disk that GRUB embeds itself into for a BIOS. */
export const BIOS_BOOT_TYPE = "21686148-6449-6e6f-744e-656564454649";

/** Where the modules are, below usr/ of the image: Debian and Arch; distributions with RPM packages. */
export const GRUB_MODULES = ["lib/grub", "share/grub2"] as const;

/** The directory on the EFI system partition with grub.cfg, which GRUB's own images look for. */
export function grubDirectory(distribution: DistributionName): "grub" | "grub2" {
  return DISTRIBUTIONS[distribution].packageType === "rpm" ? "grub2" : "grub";
}

/** Where the tree has what a BIOS starts: `boot.img`, which goes into the first sector, and `core.img`. */
export function biosGrub(distribution: DistributionName): string {
  return `efi/${grubDirectory(distribution)}/${BIOS_TARGET}`;
}

/** The directory in EFI/ in which the GRUB that a distribution has signed looks for its configuration. */
export function signedGrubDirectory(distribution: DistributionName): string {
  if (distribution === "opensuse") return "BOOT";
  if (distribution === "rhel" || distribution === "rhel-ubi") return "redhat";
  return distribution === "alma" ? "almalinux" : distribution;
}

/** Patterns of files in the tree, the best first, by EFI's name of the architecture (`x64`). */
export interface LoaderFiles {
  readonly signed: readonly string[];
  readonly unsigned: readonly string[];
}

/** GRUB as an EFI program that the distribution has made. */
export function grubFiles(architecture: Architecture): readonly string[] {
  const efi = EFI_NAMES[architecture];
  return [
    `usr/lib/grub/*-signed/grub${efi}.efi.signed`, // Debian, Ubuntu
    `boot/efi/EFI/*/grub${efi}.efi`, // Fedora and its relatives
    "usr/share/efi/*/grub.efi", // openSUSE
  ];
}

export function shimFiles(architecture: Architecture): LoaderFiles {
  const efi = EFI_NAMES[architecture];
  return {
    signed: [
      `usr/lib/shim/shim${efi}.efi.signed.latest`, // Ubuntu
      `usr/lib/shim/shim${efi}.efi.signed`, // Debian
      `boot/efi/EFI/*/shim${efi}.efi`, // Fedora and its relatives
      "usr/share/efi/*/shim.efi", // openSUSE
    ],
    unsigned: unsignedFiles(`shim${efi}.efi`),
  };
}

/** MokManager, by which the machine's owner enrols keys. */
export function mokManagerFiles(architecture: Architecture): LoaderFiles {
  const efi = EFI_NAMES[architecture];
  return {
    signed: [
      `usr/lib/shim/mm${efi}.efi.signed`, // Debian
      `usr/lib/shim/mm${efi}.efi`, // Ubuntu
      `boot/efi/EFI/*/mm${efi}.efi`, // Fedora and its relatives
      "usr/share/efi/*/MokManager.efi", // openSUSE
    ],
    unsigned: unsignedFiles(`mm${efi}.efi`),
  };
}

function unsignedFiles(name: string): readonly string[] {
  return [
    `usr/lib/shim/${name}`, // Debian, Ubuntu
    `usr/share/shim/*/*/${name}`, // Fedora and its relatives
    `usr/share/shim/${name}`, // Arch
  ];
}
