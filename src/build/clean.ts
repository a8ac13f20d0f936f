// Which files belong to a project's images, for those who remove them.

import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buildDirectoryOf } from "../config/build-directory.ts";
import { type Image, outputDirectoryOf, type Project } from "../config/project.ts";
import { presentOutputs } from "../outputs/names.ts";

/** The files in the output directory that belong to an image and are there. */
export function outputsOf(project: Project, image: Image): readonly string[] {
  const directory = outputDirectoryOf(project, image);
  return presentOutputs(directory, image.config).map((name) => join(directory, name));
}

/** What build scripts have left in the build directories of a project's images. */
export function builtIn({ images }: Project): readonly string[] {
  const directories = images.map(buildDirectoryOf).filter((path) => path !== undefined && existsSync(path));
  return [...new Set(directories as string[])].flatMap((directory) =>
    readdirSync(directory).map((name) => join(directory, name)),
  );
}

/** Removes files and directories. @param say is told each path before it goes */
export async function removePaths(paths: readonly string[], say: (path: string) => void): Promise<void> {
  for (const path of paths) {
    say(path);
    await rm(path, { recursive: true, force: true });
  }
}
