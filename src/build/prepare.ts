// From an image's configuration to what its steps are given.

import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { scriptInput } from "../config/configured.ts";
import { type Image, isOutputOf, outputDirectoryOf, type Project } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { packagesIn } from "../package-managers/local-packages.ts";
import type { PackageRequest } from "../package-managers/manager.ts";
import { nodeReport } from "../report/events.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { settings } from "../settings/index.ts";
import { makeAnew } from "../tools/derived.ts";
import { DEFAULT_INITRD, type ImageBuild } from "./image-build.ts";
import { withEnvironmentFiles } from "./scripts/environment-files.ts";
import { notSourcesOf, outputsInSources } from "./scripts/not-sources.ts";
import type { ScriptOptions } from "./scripts/run.ts";
import { keyOf } from "./store/key.ts";
import type { Workshop } from "./workshop.ts";

export interface PrepareOptions {
  readonly project: Pick<Project, "directory" | "images">;
  readonly toolbox: Toolbox;
  readonly scripts: ScriptOptions;
  readonly outputOf: ImageBuild["outputOf"];
}

/** Makes what the steps of an image are given. */
export async function prepareImage(
  workshop: Workshop,
  configured: Image,
  options: PrepareOptions,
): Promise<ImageBuild> {
  const image = withEnvironmentFiles(withSeed(workshop, configured));
  const { config } = image;
  const distribution = distributionOf(image);
  const packageManager = distribution.packageManager(config);
  const scratch = join(workshop.workspace, "images", image.name, "scratch");
  await mkdir(scratch, { recursive: true });
  const runner = workshop.runner(image.name);
  return {
    image,
    runner,
    toolbox: await workshop.sandboxTrees.put(image, options.toolbox, runner),
    report: nodeReport(image.name, workshop.events, workshop.signal),
    scratch,
    derive: makeAnew,
    distribution,
    packageManager,
    packageCache: config.packageCacheDirectory ?? workshop.cache,
    repositories: distribution.repositories(config),
    architecture: distribution.architecture(config),
    basePackages: distribution.basePackages(config),
    packages: requests(image, "packages"),
    buildPackages: config.buildScripts.length === 0 ? [] : requests(image, "buildPackages"),
    volatilePackages: requests(image, "volatilePackages"),
    // Looked for when it is asked: sync scripts may put packages there.
    get localPackages() {
      return packagesIn(
        [...config.packageDirectories, ...config.volatilePackageDirectories],
        packageManager.packageExtensions,
      );
    },
    scripts: options.scripts,
    settingsJson: scriptInput({ ...configured, config: { ...configured.config, seed: config.seed } }),
    noteSettings: () => {},
    noteSurroundings: () => {},
    noteBuildDirectory: () => {},
    defaultInitrd: defaultInitrd(options.project),
    notSources: notSourcesOf(options.project),
    outputsInSources: outputsInSources(options.project, image),
    makerOf: (path) => makerOf(options.project, image.name, path),
    outputOf: options.outputOf,
  };
}

/** Only images before it: they are in the order in which they can be built. */
function makerOf(project: PrepareOptions["project"], name: string, path: string): string | undefined {
  const position = project.images.findIndex((image) => image.name === name);
  return project.images.slice(0, Math.max(0, position)).find((image) => isOutputOf(project, image, path))?.name;
}

/**
 * Where no seed is configured, each reading of the configuration has another one, and no disk could ever be taken as it
 * is. With Incremental=, the seed of an image depends on where its output goes instead.
 */
function withSeed({ store }: Workshop, image: Image): Image {
  if (store === undefined || image.origin("seed") !== undefined) return image;
  const { outputDirectory, output } = image.config;
  const digest = keyOf(["seed", outputDirectory ?? process.cwd(), image.name, output]);
  // A UUID of version 8 (RFC 9562): made in a way of one's own.
  const [a, b, c, d, e] = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(13, 16),
    digest.slice(17, 20),
    digest.slice(20),
  ];
  return { ...image, config: { ...image.config, seed: `${a}-${b}-8${c}-8${d}-${e}` } };
}

function defaultInitrd(project: PrepareOptions["project"]): readonly string[] {
  const initrd = project.images.find(({ name }) => name === DEFAULT_INITRD);
  if (initrd === undefined) return [];
  const path = join(outputDirectoryOf(project, initrd), initrd.config.output);
  // Where the configuration is in mkosi/, that is the directory its path is relative to.
  return [path, join(dirname(path), "mkosi", basename(path))];
}

function requests(image: Image, key: "packages" | "buildPackages" | "volatilePackages"): readonly PackageRequest[] {
  return image.config[key].map((spec) => ({ spec, setting: settings[key].name, origin: image.origin(key, spec) }));
}
