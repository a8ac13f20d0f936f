// --image=: which of a project's images a verb is about. How images are run is configured in the main image only, so that
// another one is run as that one would be.

import { Failure } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import type { Config } from "../settings/index.ts";
import { rows } from "../settings/index.ts";
import { type Image, mainImage, type Project } from "./project.ts";

/**
 * The image that is to be run, with the main image's settings of [Runtime].
 * @param name undefined: the main image
 * @throws {Failure} when the project has no such image
 */
export function imageToRun(project: Project, name: string | undefined): Image {
  const main = mainImage(project);
  if (name === undefined || name === main.name) return main;
  const image = project.images.find((each) => each.name === name);
  if (image === undefined) throw unknown(project, name);
  const runtime = new Set(rows.filter(([, { scope }]) => scope === "main").map(([key]) => key as keyof Config));
  return {
    ...image,
    config: { ...image.config, ...pick(main.config, runtime) },
    origin: (key, element) => (runtime.has(key) ? main : image).origin(key, element),
    origins: (key) => (runtime.has(key) ? main : image).origins(key),
  };
}

function pick(config: Config, keys: ReadonlySet<keyof Config>): Partial<Config> {
  return Object.fromEntries([...keys].map((key) => [key, config[key]])) as Partial<Config>;
}

function unknown({ images }: Project, name: string): Failure {
  const names = images.map((image) => image.name);
  const near = suggest(name, names);
  return new Failure(`there is no image “${name}” in this project`, {
    origin: { kind: "option", option: "--image" },
    remedy: near === undefined ? `Its images are ${names.join(", ")}.` : `Did you mean ${near}?`,
  });
}
