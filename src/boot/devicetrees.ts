// The device trees that Devicetrees= chooses for a kernel: descriptions of hardware whose firmware has none.

import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { isPattern } from "../settings/types/glob.ts";
import type { TreeContext } from "../tools/context.ts";
import { fileInside } from "../tools/inside.ts";
import type { UkiSection } from "../tools/ukify.ts";
import { filesBelow } from "./firmware.ts";
import { choosesFile } from "./module-filter.ts";

export interface Devicetree {
  /** Relative to the directory that it was found in: `rockchip/rk3588.dtb`. */
  readonly name: string;
  /** The file, in our own mount namespace. */
  readonly path: string;
}

/** Where distributions put them. */
function directories(kernelVersion: string): readonly string[] {
  return [
    `usr/lib/modules/${kernelVersion}/dtb`,
    `usr/lib/firmware/${kernelVersion}/device-tree`,
    `usr/lib/linux-image-${kernelVersion}`,
  ];
}

/**
 * The device trees for a kernel, sorted; none without Devicetrees=.
 * @throws {Failure} when nothing matches, or a name without wildcards is not there
 */
export async function chooseDevicetrees(context: TreeContext, kernelVersion: string): Promise<readonly Devicetree[]> {
  const { image, root } = context;
  const patterns = image.config.devicetrees;
  if (patterns.length === 0) return [];
  const present: Devicetree[] = [];
  for (const directory of directories(kernelVersion)) {
    for (const name of await filesBelow(root, directory)) {
      const path = name.endsWith(".dtb") ? fileInside(root, join(directory, name)) : undefined;
      if (path !== undefined) present.push({ name, path });
    }
  }
  const plain = patterns.filter((pattern) => !isPattern(pattern) && !pattern.startsWith("-") && !pattern.endsWith("/"));
  const absent = plain.find((pattern) => !present.some(({ name }) => choosesFile([pattern], name)));
  const chosen = present.filter(({ name }) => choosesFile(patterns, name));
  if (absent === undefined && chosen.length > 0) return chosen;
  const what = absent ?? patterns.join(",");
  throw new Failure(
    `image ${image.name}: no device tree of kernel ${kernelVersion} matches Devicetrees=${what} (there are ${present.length})`,
    {
      origin: image.origin("devicetrees", absent ?? patterns[0]),
      remedy: `name files as they are in ${directories(kernelVersion)
        .map((directory) => `/${directory}`)
        .join(", ")} of the image, with .dtb at the end`,
    },
  );
}

/** Several are for systemd-stub to choose from, by the hardware that it finds. */
export function devicetreeSections(devicetrees: readonly { readonly path: string }[]): readonly UkiSection[] {
  const option = devicetrees.length === 1 ? "--devicetree" : "--devicetree-auto";
  return devicetrees.map(({ path }) => ({ option, path }));
}

/** The one that a boot entry may name. @throws {Failure} when there are more */
export function onlyDevicetree({ image }: TreeContext, devicetrees: readonly Devicetree[]): Devicetree | undefined {
  const [only, ...others] = devicetrees;
  if (others.length === 0) return only;
  throw new Failure(
    `image ${image.name}: a boot entry takes one device tree, and Devicetrees= matches ${devicetrees.length}: ${devicetrees
      .slice(0, 5)
      .map(({ name }) => name)
      .join(", ")}${devicetrees.length > 5 ? ", …" : ""}`,
    {
      origin: image.origin("devicetrees"),
      remedy: "choose one, or make unified kernel images, which have room for all (UnifiedKernelImages=unsigned)",
    },
  );
}
