// A tree that is made of skeleton trees and by scripts alone.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { none } from "../package-managers/none.ts";
import { Failure } from "../report/failure.ts";
import { settings } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { checkEmulation } from "./emulation.ts";

const PACKAGE_SETTINGS = ["packages", "buildPackages", "volatilePackages", "removePackages"] as const;

export const custom: Distribution = {
  name: "custom",
  prettyName: DISTRIBUTIONS.custom.prettyName,
  packageManager: () => none,
  architecture: ({ architecture }) => architecture,
  repositories: () => [],
  validate(image) {
    checkEmulation(image);
    for (const key of PACKAGE_SETTINGS) {
      const [name] = image.config[key];
      if (name === undefined) continue;
      throw new Failure(`an image with Distribution=custom has no packages, but ${settings[key].name}= names ${name}`, {
        origin: image.origin(key, name),
        remedy: "set Distribution=, or bring what is needed by SkeletonTrees=, ExtraTrees= or scripts",
      });
    }
    if (image.config.snapshot) {
      throw new Failure("an image with Distribution=custom has no repositories that there could be a snapshot of", {
        origin: image.origin("snapshot"),
        remedy: "remove Snapshot=",
      });
    }
  },
  basePackages: () => [],
};
