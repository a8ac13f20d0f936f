// What the build needs to know of a distribution; one file each implements it, registry.ts finds it by name.

import type { Image } from "../config/project.ts";
import type { PackageManager, PackageRequest, Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";

export interface Distribution {
  readonly name: string;
  readonly prettyName: string;
  packageManager(config: Config): PackageManager;
  /** mkosi's architecture name in the distribution's words. @throws {Failure} when there is none */
  architecture(config: Config): string;
  repositories(config: Config): readonly Repository[];
  /** Checks release, components, architecture and so on; called before anything is run. @throws {Failure} */
  validate(image: Image): void;
  /** What makes the base system, before the user's packages. */
  basePackages(config: Config): readonly PackageRequest[];
}
