// From an image's configuration to what its steps are given.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import type { PackageRequest } from "../package-managers/manager.ts";
import { nodeReport } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { withEnvironmentFiles } from "./environment.ts";
import type { ImageBuild } from "./image-build.ts";
import type { Workshop } from "./workshop.ts";

/** Makes what the steps of an image are given. */
export async function prepareImage(
  workshop: Workshop,
  configured: Image,
  toolbox: Toolbox,
  outputOf: ImageBuild["outputOf"],
): Promise<ImageBuild> {
  const image = withEnvironmentFiles(configured);
  const { config } = image;
  const distribution = distributionOf(image);
  const scratch = join(workshop.workspace, "images", image.name, "scratch");
  await mkdir(scratch, { recursive: true });
  return {
    image,
    runner: workshop.runner(image.name),
    toolbox,
    report: nodeReport(image.name, workshop.events),
    scratch,
    distribution,
    packageManager: distribution.packageManager(config),
    packageCache: config.packageCacheDirectory ?? workshop.cache,
    repositories: distribution.repositories(config),
    architecture: distribution.architecture(config),
    basePackages: distribution.basePackages,
    packages: config.packages.map(
      (spec): PackageRequest => ({ spec, setting: "Packages", origin: image.origin("packages", spec) }),
    ),
    outputOf,
  };
}
