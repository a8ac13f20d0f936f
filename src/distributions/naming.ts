// What all distributions need for their architectures and addresses.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { checkEmulation } from "./emulation.ts";

/** The distribution's own name of the image's architecture. @throws {Failure} when the distribution does not know it */
export function architectureName(
  config: Config,
  names: Readonly<Record<string, string>>,
  distribution: string,
  image?: Image,
): string {
  const name = names[config.architecture];
  if (name !== undefined) return name;
  throw new Failure(`${distribution} does not exist for the architecture ${config.architecture}`, {
    origin: image?.origin("architecture"),
    remedy: `Architecture= takes ${Object.keys(names).join(", ")} there`,
  });
}

/** Checks that the distribution has the image's architecture, and that this machine can run it. @throws {Failure} */
export function checkArchitecture(image: Image, names: Readonly<Record<string, string>>, distribution: string): void {
  architectureName(image.config, names, distribution, image);
  checkEmulation(image);
}

/** Joins a mirror's URL and a path with exactly one slash. */
export function joinUrl(mirror: string, path: string): string {
  return `${mirror.replace(/\/+$/, "")}/${path}`;
}
