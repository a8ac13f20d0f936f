// What is known of every distribution without asking anybody: one row each, read by defaults, errors and the registry.

export type PackageManagerName = "apt" | "dnf" | "zypper" | "pacman" | "apk";

export interface DistributionFacts {
  readonly prettyName: string;
  /** Undefined: the tree is not made from packages (`custom`). */
  readonly packageManager: PackageManagerName | undefined;
  readonly packageType: "deb" | "rpm" | "pkg" | "apk" | "none";
  /** File system of the root partition unless the partition definitions say otherwise. */
  readonly filesystem: "ext4" | "btrfs" | "xfs";
  /** Which distribution a default tools tree is made of on such a host. */
  readonly toolsTree: string;
  /** Its package repositories' keys on a Debian-like host, for messages; undefined where there is no such package. */
  readonly keyringPackage?: string;
}

export const DISTRIBUTIONS = {
  fedora: {
    prettyName: "Fedora Linux",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "btrfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  debian: {
    prettyName: "Debian",
    packageManager: "apt",
    packageType: "deb",
    filesystem: "ext4",
    toolsTree: "debian",
    keyringPackage: "debian-archive-keyring",
  },
  kali: {
    prettyName: "Kali Linux",
    packageManager: "apt",
    packageType: "deb",
    filesystem: "ext4",
    toolsTree: "kali",
    keyringPackage: "kali-archive-keyring",
  },
  ubuntu: {
    prettyName: "Ubuntu",
    packageManager: "apt",
    packageType: "deb",
    filesystem: "ext4",
    toolsTree: "debian",
    keyringPackage: "ubuntu-keyring",
  },
  postmarketos: {
    prettyName: "postmarketOS",
    packageManager: "apk",
    packageType: "apk",
    filesystem: "ext4",
    toolsTree: "postmarketos",
  },
  arch: {
    prettyName: "Arch Linux",
    packageManager: "pacman",
    packageType: "pkg",
    filesystem: "ext4",
    toolsTree: "arch",
    keyringPackage: "archlinux-keyring",
  },
  opensuse: {
    prettyName: "openSUSE",
    packageManager: "zypper",
    packageType: "rpm",
    filesystem: "btrfs",
    toolsTree: "opensuse",
    keyringPackage: "distribution-gpg-keys",
  },
  mageia: {
    prettyName: "Mageia",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "ext4",
    toolsTree: "mageia",
    keyringPackage: "distribution-gpg-keys",
  },
  centos: {
    prettyName: "CentOS",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "xfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  rhel: {
    prettyName: "RHEL",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "xfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  "rhel-ubi": {
    prettyName: "RHEL UBI",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "xfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  openmandriva: {
    prettyName: "OpenMandriva",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "ext4",
    toolsTree: "openmandriva",
    keyringPackage: "distribution-gpg-keys",
  },
  rocky: {
    prettyName: "Rocky Linux",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "xfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  alma: {
    prettyName: "AlmaLinux",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "xfs",
    toolsTree: "fedora",
    keyringPackage: "distribution-gpg-keys",
  },
  azure: {
    prettyName: "Azure Linux",
    packageManager: "dnf",
    packageType: "rpm",
    filesystem: "ext4",
    toolsTree: "azure",
    keyringPackage: "distribution-gpg-keys",
  },
  custom: {
    prettyName: "Custom",
    packageManager: undefined,
    packageType: "none",
    filesystem: "ext4",
    toolsTree: "custom",
  },
} as const satisfies Record<string, DistributionFacts>;

export type DistributionName = keyof typeof DISTRIBUTIONS;

export function isDistribution(name: string): name is DistributionName {
  return Object.hasOwn(DISTRIBUTIONS, name);
}
