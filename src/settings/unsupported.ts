// Settings whose effect this version does not have: they are read and shown, and a build that asks for one is refused.

import type { Config } from "./index.ts";

/** Settings that must be empty, off or unset. */
export const WITHOUT: readonly (keyof Config)[] = ["foreignUidRange"];
