// Settings whose effect this version does not have: they are read and shown, and a build that asks for one is refused.

import type { Config } from "./index.ts";

/** Settings that must be empty, off or unset. */
export const WITHOUT: readonly (keyof Config)[] = ["foreignUidRange"];

/** Settings with more than on and off: the values that this version has. */
export const ONLY: { readonly [Key in keyof Config]?: readonly Config[Key][] } = {
  selinuxRelabel: ["auto", "disabled"],
};
