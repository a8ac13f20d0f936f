// Settings whose effect this version does not have: they are read and shown, and a build that asks for one is refused.

import type { Config } from "./index.ts";

/** Settings that must be empty, off or unset. */
export const WITHOUT: readonly (keyof Config)[] = [
  ...(["unifiedKernelImageProfiles", "microcodeHost", "devicetrees", "splash"] as const),
  ...(["secureBoot", "foreignUidRange"] as const),
];

/** Settings with more than on and off: the values that this version has. */
export const ONLY: { readonly [Key in keyof Config]?: readonly Config[Key][] } = {
  bootloader: ["none", "systemd-boot", "uki"],
  biosBootloader: ["none"],
  shimBootloader: ["none"],
  unifiedKernelImages: ["auto", "unsigned", "none"],
  selinuxRelabel: ["auto", "disabled"],
  verity: ["auto", "disabled"],
  signExpectedPcr: ["auto", "disabled"],
  signInitrdPcrs: ["auto", "disabled"],
  toolsTreeCertificates: [true],
};
