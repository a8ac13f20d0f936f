// BaseTrees=: the layers that an image begins with. A directory is a layer as it is; archives and disk images become one
// when they are needed first, known by their content.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { isExtension } from "../facts/output-formats.ts";
import { Failure } from "../report/failure.ts";
import type { ImageBuild, StepContext } from "./image-build.ts";
import { copyBaseTree } from "./steps/trees.ts";
import type { Inputs } from "./store/fingerprints.ts";
import { keyOf } from "./store/key.ts";
import type { Layer, LayerStore, Stack } from "./store/layers.ts";

/** `f_type` of overlayfs in statfs(2): it can be a layer of another one, but only so deep. */
const OVERLAYFS_MAGIC = 0x794c7630;

/**
 * The keys of the base trees, as layers that are not to be mounted: for who only wants to know what lies on them.
 * @returns undefined while one of them is yet to be built
 */
export async function baseKeys(build: ImageBuild, inputs: Inputs): Promise<Stack | undefined> {
  const stack: Layer[] = [];
  for (const path of build.image.config.baseTrees) {
    const fingerprint = await inputs.fingerprint(`base ${path}`);
    if (fingerprint === undefined) return undefined;
    stack.push({ key: keyOf([stack.at(-1)?.key ?? inputs.start, fingerprint]), path: "", notes: "" });
  }
  return stack;
}

/** The layers of the base trees, lowest first. @throws {Failure} when one is not there, or cannot be unpacked */
export async function baseLayers(
  context: Omit<StepContext, "notes">,
  inputs: Inputs,
  layers: LayerStore,
): Promise<Stack> {
  const stack: Layer[] = [];
  for (const path of context.image.config.baseTrees) {
    const isDirectory = (await baseStatus(context, path)).isDirectory();
    // Where nobody keeps track of what the other image has, what lies on it is for this build alone.
    const fingerprint = (await inputs.fingerprint(`base ${path}`)) ?? randomUUID();
    const key = keyOf([stack.at(-1)?.key ?? inputs.start, fingerprint]);
    if (isDirectory && (await statfs(path)).type !== OVERLAYFS_MAGIC) {
      stack.push({ key, path, notes: join(context.scratch, "no-notes") });
      continue;
    }
    const run = (own: StepContext) => copyBaseTree(own, path);
    stack.push(await layers.keyed([...stack], key, { title: `Base tree ${path}`, context, run }));
  }
  return stack;
}

async function baseStatus({ image }: Pick<ImageBuild, "image">, path: string) {
  return await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(`image ${image.name}: the base tree ${path} ${problem(cause)}`, {
      origin: image.origin("baseTrees", path),
      remedy:
        "correct the path; if another image of the project makes it, see that this image is built, under that name and with an output",
      cause,
    });
  });
}

function problem(cause: NodeJS.ErrnoException): string {
  return cause.code === "ENOENT" ? "does not exist" : `cannot be read: ${cause.message}`;
}

/** Checks before anything is built that the base trees are there. @param isMade of outputs that this build makes first */
export async function checkBaseTrees(image: ImageBuild["image"], isMade: (path: string) => boolean): Promise<void> {
  const { baseTrees, overlay, format, packages } = image.config;
  if (overlay && format === "portable") {
    throw new Failure(`image ${image.name}: a portable service is a whole image, so Overlay=yes is not for it`, {
      origin: image.origin("overlay"),
      remedy: "remove Overlay=, or make an extension of a portable service: Format=sysext",
    });
  }
  if (isExtension(format) && baseTrees.length === 0 && packages.length > 0) {
    throw new Failure(`image ${image.name}: an extension has packages of its own only on top of base trees`, {
      origin: image.origin("packages"),
      remedy: "name what it extends in BaseTrees=, and set Overlay=yes to leave out what that has",
    });
  }
  if (overlay && baseTrees.length === 0) {
    throw new Failure(
      `image ${image.name}: Overlay=yes needs base trees, which its output is to be the difference to`,
      {
        origin: image.origin("overlay"),
        remedy: "name them in BaseTrees=, or remove Overlay=",
      },
    );
  }
  for (const path of baseTrees) if (existsSync(path) || !isMade(path)) await baseStatus({ image }, path);
}
