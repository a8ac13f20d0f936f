// Which packages bring what a bootable image needs, for messages that say what to add to Packages=.

import type { DistributionName } from "./distributions.ts";

export interface BootPackages {
  readonly kernel: string;
  /** systemd-boot's EFI programs and systemd-stub. */
  readonly bootloader: string;
}

const FEDORA: BootPackages = { kernel: "kernel-core", bootloader: "systemd-boot-unsigned" };
const DEBIAN: BootPackages = {
  kernel: "linux-image-amd64 (or linux-image-cloud-amd64, …)",
  bootloader: "systemd-boot-efi",
};

export const BOOT_PACKAGES: Readonly<Partial<Record<DistributionName, BootPackages>>> = {
  debian: DEBIAN,
  kali: DEBIAN,
  ubuntu: { kernel: "linux-image-generic (or linux-image-virtual, …)", bootloader: "systemd-boot-efi" },
  fedora: FEDORA,
  centos: FEDORA,
  alma: FEDORA,
  rocky: FEDORA,
  rhel: FEDORA,
  "rhel-ubi": FEDORA,
  azure: { kernel: "kernel", bootloader: "systemd-boot" },
  opensuse: { kernel: "kernel-default", bootloader: "systemd-boot" },
  arch: { kernel: "linux", bootloader: "systemd" },
  postmarketos: { kernel: "linux-virt", bootloader: "systemd-boot systemd-efistub" },
};
