// Settings whose effect this version does not have. A build that asks for one stops here, at the start and by name:
// an image that lacks what its configuration says would be worse than none.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { settings } from "../settings/index.ts";
import { WITHOUT } from "../settings/unsupported.ts";

/** Stops when an image asks for what this version cannot do. @throws {Failure} naming the setting and its place */
export function checkSupported(image: Image): void {
  const { config } = image;
  for (const key of WITHOUT) {
    if (!isOff(config[key])) throw unsupported(image, key, "");
  }
  // Its default is not 0 for users without root.
  if (config.delegateRanges !== 0 && image.origin("delegateRanges") !== undefined)
    throw unsupported(image, "delegateRanges", String(config.delegateRanges));
}

function isOff(value: unknown): boolean {
  if (value === null || value === false || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function unsupported(image: Image, key: keyof Config, value: string): Failure {
  const { name } = settings[key];
  return new Failure(`image ${image.name}: this version cannot build with ${name}=${value} yet`, {
    origin: image.origin(key),
    remedy: `remove ${name}= from the configuration, or build this image with a later version`,
  });
}
