// BuildDirectory=: what build scripts keep from build to build.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expandKey } from "../../config/json.ts";
import type { Image } from "../../config/project.ts";

/** The image's own directory in BuildDirectory=, as BuildKey= says; undefined without BuildDirectory=. */
export function buildDirectoryOf(image: Image): string | undefined {
  const { buildDirectory, buildKey } = image.config;
  if (buildDirectory === null) return undefined;
  const key = expandKey(buildKey, image);
  return key === "-" ? buildDirectory : join(buildDirectory, key);
}

/** The same, made when missing. */
export async function makeBuildDirectory(image: Image): Promise<string | undefined> {
  const directory = buildDirectoryOf(image);
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  return directory;
}
