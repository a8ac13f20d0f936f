// The settings table: every setting there is, by its key in `Config`, in the order in which they are described.

import { build } from "./build.ts";
import { buildEnvironment } from "./build-environment.ts";
import { config } from "./config.ts";
import { contentBoot } from "./content-boot.ts";
import { contentKernel } from "./content-kernel.ts";
import { contentPackages } from "./content-packages.ts";
import { contentScripts } from "./content-scripts.ts";
import { contentSystem } from "./content-system.ts";
import { distribution } from "./distribution.ts";
import { output } from "./output.ts";
import { runtime } from "./runtime.ts";
import { runtimeMachine } from "./runtime-machine.ts";
import type { ConfigOf, Setting } from "./setting.ts";
import { test } from "./test.ts";
import { toolsTree } from "./tools-tree.ts";
import { validation } from "./validation.ts";

export const settings = {
  ...config,
  ...distribution,
  ...output,
  ...contentPackages,
  ...contentScripts,
  ...contentBoot,
  ...contentKernel,
  ...contentSystem,
  ...validation,
  ...toolsTree,
  ...build,
  ...buildEnvironment,
  ...runtime,
  ...runtimeMachine,
  ...test,
};

/** The values of all settings for one image. */
export type Config = ConfigOf<typeof settings>;

/** A key of the table; unlike `keyof Config` also of settings that are another way to write one. */
export type SettingKey = keyof typeof settings;

/** The rows of the table, without their value types. */
export const rows = Object.entries(settings) as readonly (readonly [SettingKey, Setting])[];

export type { Setting } from "./setting.ts";
export type { Feature } from "./types/boolean.ts";
export type { Tree } from "./types/tree.ts";
