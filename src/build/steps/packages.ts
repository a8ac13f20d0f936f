// The base system of the distribution, then the packages that the configuration asks for.

import { isPartial } from "../../facts/output-formats.ts";
import { localPackagesState } from "../../package-managers/local-packages.ts";
import { prepareTree } from "../../tools/identity.ts";
import type { ImageBuild } from "../image-build.ts";
import type { Step } from "../pipeline.ts";

/** What every installation of packages reads; images that agree in it share the base system. */
function packageInputs(build: ImageBuild): Record<string, unknown> {
  const { config } = build.image;
  return {
    distribution: config.distribution,
    release: config.release,
    architecture: build.architecture,
    repositories: build.repositories,
    keyCheck: config.repositoryKeyCheck,
    documentation: config.withDocs,
    recommends: config.withRecommends,
    environment: config.environment,
    toolbox: build.toolbox,
    machineId: config.machineId,
    localPackages: localPackagesState(build),
    own: (build.packageManager.settings ?? []).map((name) => config[name]),
  };
}

/** Base trees have one, and what is no system of its own needs none. A tree without packages is prepared all the same. */
function needsBaseSystem({ basePackages, packageManager, image: { config } }: ImageBuild): boolean {
  const isMade = basePackages.length > 0 || packageManager.name === "none";
  return isMade && config.baseTrees.length === 0 && !isPartial(config);
}

export const baseSystem: Step = {
  title: "Installing the base system",
  installs: true,
  applies: (build) => needsBaseSystem(build),
  inputs: async (build) => ({ ...packageInputs(build), base: build.basePackages.map(({ spec }) => spec) }),
  async run(context) {
    await prepareTree(context);
    await context.packageManager.bootstrap(context, context.root);
  },
};

export const packages: Step = {
  title: "Installing packages",
  installs: true,
  applies: (build) => build.packages.length > 0,
  run: (context) => context.packageManager.install(context, context.root, context.packages),
};
