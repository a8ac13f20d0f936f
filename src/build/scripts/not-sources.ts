// What is in a project's directory without being a part of its sources: what builds make there.

import { basename, join } from "node:path";
import { type Image, outputDirectoryOf, type Project } from "../../config/project.ts";
import { outputNames, presentOutputs } from "../../outputs/names.ts";
import { DEFAULT_INITRD } from "../image-build.ts";
import { STAGING } from "../staging-name.ts";

/** Where options of the latest build are remembered. */
const PRIVATE = ".mkosi-private";

/** Says of paths whether they are made by builds of a project. */
export function notSourcesOf(project: Pick<Project, "directory" | "images">): (path: string) => boolean {
  const made = new Set(project.images.flatMap((image) => madeBy(project, image)));
  return (path) => made.has(path) || basename(path) === PRIVATE || basename(path).startsWith(STAGING);
}

/**
 * The outputs of images that an image is built after, as far as they lie in its BuildSources=: scripts may read them there.
 * @returns the images' names by the paths of their outputs
 */
export function outputsInSources(
  project: Pick<Project, "directory" | "images">,
  image: Image,
): ReadonlyMap<string, string> {
  const sources = image.config.buildSources.map(({ source }) => source);
  const touches = (path: string) =>
    sources.some((source) => path === source || path.startsWith(`${source}/`) || source.startsWith(`${path}/`));
  const found = new Map<string, string>();
  for (const other of builtBefore(project, image)) {
    const path = join(outputDirectoryOf(project, other), other.config.output);
    if (touches(path)) found.set(path, other.name);
  }
  return found;
}

/** Those in Dependencies=, and in theirs. The default initrd is not waited for. */
function builtBefore({ images }: Pick<Project, "images">, image: Image): ReadonlySet<Image> {
  const found = new Set<Image>();
  const add = ({ config }: Image) => {
    for (const other of images) {
      if (!config.dependencies.includes(other.name) || other.name === DEFAULT_INITRD || found.has(other)) continue;
      found.add(other);
      add(other);
    }
  };
  add(image);
  return found;
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
