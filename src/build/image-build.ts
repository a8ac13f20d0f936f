// One image while it is built: what every step is given.

import type { Distribution } from "../distributions/distribution.ts";
import type { PackageContext, PackageManager, PackageRequest } from "../package-managers/manager.ts";
import type { OutputContext } from "../tools/context.ts";

/** What an image is built with, before there is a tree. */
export interface ImageBuild extends PackageContext {
  readonly distribution: Distribution;
  readonly packageManager: PackageManager;
  /** What the base system consists of, then what the configuration asks for. */
  readonly basePackages: readonly PackageRequest[];
  readonly packages: readonly PackageRequest[];
  /** Waits until the output of another image of this build is in its place. */
  outputReady(imageName: string): Promise<void>;
}

/** The same with the tree mounted at `root`. */
export interface StepContext extends ImageBuild, OutputContext {}
