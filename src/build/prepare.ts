// From an image's configuration to what its steps are given.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import type { PackageRequest } from "../package-managers/manager.ts";
import { type EventSink, nodeReport } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { createRunner } from "../sandbox/spawn.ts";
import type { Slots } from "./graph.ts";
import type { ImageBuild } from "./image-build.ts";
import type { LayerStore } from "./layers.ts";

/** What all images of one run of the program share. */
export interface Workshop {
  /** Directory of this run, removed at its end. */
  readonly workspace: string;
  readonly layers: LayerStore;
  readonly slots: Slots;
  readonly events: EventSink;
  /** The user's cache directory. */
  readonly cache: string;
  /** Aborts when the user interrupts or a node has failed. */
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Makes what the steps of an image are given. */
export async function prepareImage(
  workshop: Workshop,
  image: Image,
  toolbox: Toolbox,
  outputOf: (imageName: string) => Promise<string>,
): Promise<ImageBuild> {
  const { config } = image;
  const distribution = distributionOf(image);
  const report = nodeReport(image.name, workshop.events);
  const scratch = join(workshop.workspace, "images", image.name, "scratch");
  await mkdir(scratch, { recursive: true });
  return {
    image,
    runner: createRunner({ directory: join(workshop.workspace, "sandbox"), log: report.output, signal: workshop.signal }),
    toolbox,
    report,
    scratch,
    distribution,
    packageManager: distribution.packageManager(config),
    packageCache: config.packageCacheDirectory ?? workshop.cache,
    repositories: distribution.repositories(config),
    architecture: distribution.architecture(config),
    basePackages: distribution.basePackages,
    packages: config.packages.map((spec): PackageRequest => ({ spec, setting: "Packages", origin: image.origin("packages", spec) })),
    outputOf,
  };
}
