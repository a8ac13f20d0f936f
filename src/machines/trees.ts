// Directories of the host that a running image sees: RuntimeTrees=, and with RuntimeBuildSources= what it was built from.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildDirectoryOf } from "../config/build-directory.ts";
import type { Image } from "../config/project.ts";

export interface RuntimeTree {
  /** On the host. */
  readonly source: string;
  /** Inside, absolute. */
  readonly target: string;
}

/** What the configuration names, in the order in which it is mounted. */
export function runtimeTrees(image: Image): RuntimeTree[] {
  const { config } = image;
  const trees = config.runtimeTrees.map(({ source, target }) => ({
    source,
    target: target?.startsWith("/") === true ? target : join("/root/src", target ?? ""),
  }));
  return config.runtimeBuildSources ? [...sources(image), ...trees] : trees;
}

function sources(image: Image): RuntimeTree[] {
  const trees = image.config.buildSources.map(({ source, target }) => ({
    source,
    target: join("/work/src", target ?? ""),
  }));
  const build = buildDirectoryOf(image);
  // Without build scripts nobody has made it.
  return build === undefined || !existsSync(build) ? trees : [...trees, { source: build, target: "/work/build" }];
}
