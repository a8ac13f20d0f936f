// Images that are not made from packages: what is in them comes from base trees, skeleton trees and scripts.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { noPackages } from "../package-managers/none.ts";
import { Failure } from "../report/failure.ts";
import { settings } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";

const PACKAGES = ["packages", "buildPackages", "volatilePackages", "removePackages"] as const;

export const custom: Distribution = {
  name: "custom",
  prettyName: DISTRIBUTIONS.custom.prettyName,
  packageManager: () => noPackages,
  architecture: ({ architecture }) => architecture,
  repositories: () => [],
  validate(image) {
    for (const key of PACKAGES) {
      if (image.config[key].length === 0) continue;
      throw new Failure(
        `image ${image.name}: Distribution=custom has no packages, so ${settings[key].name}= cannot be had`,
        {
          origin: image.origin(key),
          remedy: "set Distribution=, or bring in what you need by BaseTrees=, SkeletonTrees= or scripts",
        },
      );
    }
  },
  basePackages: [],
};
