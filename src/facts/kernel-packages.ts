// Which package names are kernels, by distribution: an image that asks for one is bootable and needs an initrd.

import type { DistributionName } from "./distributions.ts";

const FEDORA: readonly string[] = ["kernel", "kernel-core"];

/** Exact names; deb distributions and postmarketOS have rules instead. */
const NAMES: Readonly<Partial<Record<DistributionName, readonly string[]>>> = {
  fedora: FEDORA,
  centos: FEDORA,
  rhel: FEDORA,
  "rhel-ubi": FEDORA,
  rocky: FEDORA,
  alma: FEDORA,
  azure: FEDORA,
  mageia: FEDORA,
  openmandriva: FEDORA,
  opensuse: ["kernel-default", "kernel-kvmsmall"],
  arch: ["linux", "linux-lts", "linux-zen", "linux-hardened", "linux-rt", "linux-rt-lts"],
};

const POSTMARKETOS_OTHERS: ReadonlySet<string> = new Set(["linux-timemachine", "linux-headers", "linux-apfs-rw-src"]);

/** Whether a package of that name brings a kernel. */
export function isKernelPackage(distribution: DistributionName, name: string): boolean {
  switch (distribution) {
    case "debian":
    case "kali":
      return name.startsWith("linux-image-");
    case "ubuntu":
      return name.startsWith("linux-") && !name.startsWith("linux-tools-");
    case "postmarketos":
      return (
        /^linux-(?!tools-|firmware-)/.test(name) && !/-(?:doc|dev|manual)$/.test(name) && !POSTMARKETOS_OTHERS.has(name)
      );
    default:
      return NAMES[distribution]?.includes(name) ?? false;
  }
}
