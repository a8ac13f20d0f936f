// The image's own directory in BuildDirectory=.

import { join } from "node:path";
import { expandKey } from "./json.ts";
import type { Image } from "./project.ts";

/** The image's own directory in BuildDirectory=, as BuildKey= says; undefined without BuildDirectory=. */
export function buildDirectoryOf(image: Image): string | undefined {
  const { buildDirectory, buildKey } = image.config;
  if (buildDirectory === null) return undefined;
  const key = expandKey(buildKey, image);
  return key === "-" ? buildDirectory : join(buildDirectory, key);
}
