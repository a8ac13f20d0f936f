// What is in a project's directory without being a part of its sources: what builds make there.

import { basename, join } from "node:path";
import { type Image, outputDirectoryOf, type Project } from "../../config/project.ts";
import { outputNames, presentOutputs } from "../../outputs/names.ts";
import { STAGING } from "../staging-name.ts";

/** Where options of the latest build are remembered. */
const PRIVATE = ".mkosi-private";

/** Says of paths whether they are made by builds of a project. */
export function notSourcesOf(project: Pick<Project, "directory" | "images">): (path: string) => boolean {
  const made = new Set(project.images.flatMap((image) => madeBy(project, image)));
  return (path) => made.has(path) || basename(path) === PRIVATE || basename(path).startsWith(STAGING);
}

function madeBy(project: Pick<Project, "directory" | "images">, image: Image): readonly string[] {
  const { config } = image;
  const output = outputDirectoryOf(project, image);
  const directories = [
    ...[config.buildDirectory, config.cacheDirectory, config.packageCacheDirectory, config.workspaceDirectory],
    // An output directory that is the project's has other things, too.
    ...(project.directory === output || project.directory.startsWith(`${output}/`) ? [] : [output]),
  ];
  const names = [...outputNames(config), ...presentOutputs(output, config)];
  return [...directories.filter((path) => path !== null), ...names.map((name) => join(output, name))];
}
