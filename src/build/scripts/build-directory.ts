// BuildDirectory=: what build scripts keep from build to build.

import { mkdir } from "node:fs/promises";
import { buildDirectoryOf } from "../../config/build-directory.ts";
import type { Image } from "../../config/project.ts";

/** The image's directory for its build scripts, made when missing; undefined without BuildDirectory=. */
export async function makeBuildDirectory(image: Image): Promise<string | undefined> {
  const directory = buildDirectoryOf(image);
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  return directory;
}
