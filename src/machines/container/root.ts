// What a container has as its root: the image itself, which nobody else may use meanwhile, or with Ephemeral= a snapshot
// of it: of a directory an overlay, of a disk a copy that shares its blocks where the file system can do that.

import { mkdir, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lockedDirectory, removeAbandoned } from "../../sandbox/locked-directory.ts";
import { bind, bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import { openRootTree } from "../shared.ts";
import type { ContainerSpec } from "./command.ts";
import type { ContainerContext } from "./context.ts";

const SNAPSHOT = ".mkosi-ephemeral-";

export interface ContainerRoot extends AsyncDisposable {
  readonly root: ContainerSpec["root"];
  readonly mounts: readonly Mount[];
}

/** A copy of the image to write to; undefined where none is needed. It is removed when disposed of. */
export async function snapshotDisk(
  context: ContainerContext,
): Promise<(AsyncDisposable & { readonly path: string }) | undefined> {
  const { config } = context.image;
  const { image } = context.files;
  if (config.format !== "disk" || !config.ephemeral) return undefined;
  // Beside the image, as blocks are shared within a file system only; unless the user has a place for such things.
  const parent = config.workspaceDirectory ?? dirname(image);
  await removeAbandoned(parent, SNAPSHOT);
  const directory = await lockedDirectory(parent, SNAPSHOT);
  try {
    await context.runner.run({
      argv: ["cp", "--reflink=auto", "--sparse=always", "/machine/disk", "/machine/snapshot/image.raw"],
      base: { kind: "tools", toolbox: context.toolbox },
      mounts: [bindReadOnly(image, "/machine/disk"), bind(directory.path, "/machine/snapshot")],
    });
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return {
    path: join(directory.path, "image.raw"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/**
 * The root, in the container's own directory: what systemd-nspawn puts beside it (a lock) or looks for there (settings)
 * is then not in the output directory.
 * @param disk the file that is the container's disk
 */
export async function openContainerRoot(context: ContainerContext, disk: string): Promise<ContainerRoot> {
  const { config } = context.image;
  if (config.format === "directory") {
    const path = join(context.directory, "image");
    await makeMountPoint(path, true);
    const tree = await openRootTree(context);
    return {
      root: { kind: "directory", path },
      mounts: [bind(tree.path, path)],
      [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
    };
  }
  const { size } = await stat(disk);
  if (config.runtimeSize !== null && config.runtimeSize > size) await truncate(disk, config.runtimeSize);
  const path = join(context.directory, "image.raw");
  await makeMountPoint(path, false);
  return { root: { kind: "disk", path }, mounts: [bind(disk, path)], [Symbol.asyncDispose]: async () => {} };
}

/** An empty directory or file to mount something on. */
export async function makeMountPoint(path: string, directory: boolean): Promise<void> {
  await mkdir(directory ? path : dirname(path), { recursive: true });
  if (!directory) await writeFile(path, "");
}
