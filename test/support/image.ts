// Images with the settings table's own defaults, for tests of what is built from a configuration.

import type { Image } from "../../src/config/project.ts";
import { type Config, settings } from "../../src/settings/index.ts";
import type { Setting } from "../../src/settings/setting.ts";

/** An image of Debian trixie on x86-64 whose other settings have their defaults, but for `overrides`. */
export function makeImage(overrides: Partial<Config> = {}, name = "main"): Image {
  const base: Partial<Config> = {
    distribution: "debian",
    release: "trixie",
    architecture: "x86-64",
    seed: "0e6b3ba1-0dc4-4f0f-9c4f-c1ad9e0f1a9b",
  };
  const values = new Map<string, unknown>(Object.entries({ ...base, ...overrides }));
  const get = (key: string): unknown => {
    if (values.has(key)) return values.get(key);
    const row = (settings as Readonly<Record<string, Setting>>)[key];
    if (row === undefined) throw new Error(`no setting ${key}`);
    const value = "default" in row ? row.default : row.type.unset;
    values.set(
      key,
      typeof value === "function" ? value({ image: name, directory: "/project", environment: {}, get }) : value,
    );
    return values.get(key);
  };
  for (const key of Object.keys(settings)) get(key);
  return {
    name,
    config: Object.fromEntries(values) as unknown as Config,
    files: [],
    history: [],
    origin: () => undefined,
    origins: () => [],
  };
}
