// Before anything is installed, all that the images need is solved for and downloaded: a name that does not exist costs
// seconds, not minutes. Images whose layers are there need nothing, not even the repositories' metadata.

import { Failure } from "../report/failure.ts";
import { runGraph } from "./graph.ts";
import type { ImageBuild } from "./image-build.ts";
import { layersThere, needsPackages, stackOf, stepsOf } from "./pipeline.ts";
import type { Inputs } from "./store/fingerprints.ts";
import type { Workshop } from "./workshop.ts";

/** An image that is to be built, and what its build may read. */
export interface FetchWork {
  readonly build: ImageBuild;
  readonly inputs: Inputs;
  /** Notes the key that the image's output will have, as far as that can be told before it is built. */
  expect(key: string | undefined): void;
}

/**
 * Downloads what the images that have to install packages need. With CacheOnly=auto the metadata is brought up to date
 * when one of them has to, and the kept layers of all of them are then looked at in its light.
 * @throws {Failure} with Incremental=strict, when packages would have to be installed
 */
export async function fetchPackages(
  workshop: Workshop,
  works: readonly FetchWork[],
  abort: (reason: unknown) => void,
): Promise<void> {
  const wanting = works.filter(({ build }) => build.basePackages.length + build.packages.length > 0);
  const missing: boolean[] = [];
  // What an image is built on is looked at before it.
  for (const work of wanting) missing.push(await isMissing(workshop, work));
  for (const [index, { build }] of wanting.entries()) if (missing[index] === true) refuseInstallation(build);
  if (!missing.includes(true) && wanting.every(({ build }) => build.image.config.cacheOnly !== "never")) return;
  await runGraph(
    wanting.map(({ build, inputs, expect }) => ({
      name: build.image.name,
      dependencies: bases(build),
      run: () =>
        build.report.phase("Fetching packages", () =>
          workshop.slots(async () => {
            await build.packageManager.sync(build);
            inputs.forget();
            if (!(await isMissing(workshop, { build, inputs, expect }))) return;
            refuseInstallation(build);
            // What there is in a base tree, is known when it is there.
            if (build.image.config.baseTrees.length > 0) return;
            const requests = [...build.basePackages, ...build.packages];
            await build.packageManager.fetch(build, requests);
            // They come on top of these.
            if (build.buildPackages.length > 0)
              await build.packageManager.fetch(build, [...requests, ...build.buildPackages]);
          }),
        ),
    })),
    abort,
  );
}

/** Whether packages have to be installed for an image. The key that its output would have is told to those that are built on it. */
async function isMissing({ layers, store }: Workshop, { build, inputs, expect }: FetchWork): Promise<boolean> {
  const there = await layersThere(build, inputs, layers);
  const isWhole = there.steps === stepsOf(build).length;
  expect(isWhole ? await store?.outputs.expected(stackOf(there), inputs) : undefined);
  return needsPackages(build, there);
}

/** The images that make its base trees. */
export function bases({ image, makerOf }: ImageBuild): readonly string[] {
  return image.config.baseTrees.flatMap((path) => makerOf(path) ?? []);
}

function refuseInstallation(build: ImageBuild): void {
  const { image } = build;
  if (build.scripts.rerun) {
    throw new Failure(
      `--rerun-build-scripts needs the packages of image ${image.name}, which would have to be installed`,
      {
        origin: { kind: "option", option: "--rerun-build-scripts" },
        remedy: "build it once with Incremental=yes (mkosi -i -f build), and again when its packages have changed",
      },
    );
  }
  if (image.config.incremental !== "strict") return;
  throw new Failure(`image ${image.name} would have to be installed anew, which Incremental=strict does not allow`, {
    origin: image.origin("incremental"),
    remedy: "build once with Incremental=yes and keep the directory of CacheDirectory=",
  });
}
