// What `clean` and -f remove: the outputs of a project's images, then what builds keep to be faster.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Image, Project } from "../config/project.ts";
import { outputNames } from "../outputs/names.ts";

/** The files in the output directory that belong to an image and are there. */
export function outputsOf(project: Project, image: Image): readonly string[] {
  const directory = image.config.outputDirectory ?? project.directory;
  return outputNames(image.config)
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path));
}

/** Removes files and directories. @param say is told each path before it goes */
export async function removePaths(paths: readonly string[], say: (path: string) => void): Promise<void> {
  for (const path of paths) {
    say(path);
    await rm(path, { recursive: true, force: true });
  }
}
