// What the configuration core hands to everything else.

import type { Origin } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import type { Json } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { HistoryEvent } from "./history.ts";

export interface Image {
  /** `main`, the name of a directory or file in mkosi.images/, `default-initrd` or `tools`. */
  readonly name: string;
  readonly config: Config;
  /** The configuration files that were read for it, absolute, in their order. */
  readonly files: readonly string[];
  /** How its configuration came to be. */
  readonly history: readonly HistoryEvent[];
  /** Where a setting's value was set; for a collection, where this element was added. Undefined for defaults. */
  origin(key: keyof Config, element?: unknown): Origin | undefined;
  /** Where each element of a collection was added; of another setting where its value was set. Empty for defaults. */
  origins(key: keyof Config): readonly (Origin | undefined)[];
}

export interface Project {
  /** The directory of the project (after `-C`), absolute. */
  readonly directory: string;
  /** Where mkosi.conf and its neighbours are: the project's directory or mkosi/ in it; undefined with `-C ""`. */
  readonly configDirectory: string | undefined;
  /** In build order: what an image depends on comes before it. The main image is always there and comes last. */
  readonly images: readonly Image[];
  /** The default tools tree as an image, when `ToolsTree=default` is in force. */
  readonly tools: Image | undefined;
  /** The directory of the built-in configurations, absolute. */
  readonly builtin: string;
  /** The files that remember the options of the latest build, absolute, whether they are there or not. */
  readonly latestBuildFiles: readonly string[];
  /** What they are to hold after a build; undefined without `History=yes`. */
  readonly optionsToRemember: Readonly<Record<string, Json>> | undefined;
  /** What is odd about the configuration but no error. */
  readonly warnings: readonly Diagnostic[];
}

/** The image that the project is named for; the others are built for it or beside it. */
export function mainImage({ images }: Project): Image {
  const main = images.at(-1);
  if (main === undefined) throw new Error("a project without images");
  return main;
}

/** Whether a path is that of an image's output, or of something in it or beside it. */
export function isOutputOf(project: Pick<Project, "directory">, image: Image, path: string): boolean {
  const base = `${outputDirectoryOf(project, image)}/${image.config.output}`;
  return path === base || path.startsWith(`${base}.`) || path.startsWith(`${base}/`);
}

/** Whether a directory is the project's or has it in itself: then it has other files than outputs. */
export function containsProject(
  { directory, configDirectory }: Pick<Project, "directory" | "configDirectory">,
  path: string,
): boolean {
  const contains = (inner: string) => inner === path || inner.startsWith(path.endsWith("/") ? path : `${path}/`);
  return contains(directory) || (configDirectory !== undefined && contains(configDirectory));
}

/** The directory that an image's outputs are put in. */
export function outputDirectoryOf({ directory }: Pick<Project, "directory">, { config }: Image): string {
  return config.outputDirectory ?? directory;
}
