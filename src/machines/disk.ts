// The disk that a machine sees: the image itself, or a copy-on-write overlay of it that is made in an instant on every
// file system and gone as soon as QEMU has opened it.

import { constants } from "node:fs";
import { mkdtemp, open, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bind, bindReadOnly, type Mount } from "../sandbox/spec.ts";
import { DISK_INSIDE, type MachineContext, OVERLAY_INSIDE } from "./context.ts";
import type { Disk } from "./machine.ts";

const PAGE = 4096;
const OVERLAY = "disk.qcow2";

export interface PreparedDisk extends AsyncDisposable {
  readonly disk: Disk;
  readonly mounts: readonly Mount[];
  /** To be called when QEMU has opened the disk. */
  opened(): Promise<void>;
}

/** Prepares the image for a machine: grown to RuntimeSize=, and copied with Ephemeral=. */
export async function prepareDisk(context: MachineContext): Promise<PreparedDisk> {
  const { config } = context.image;
  const { image } = context.files;
  // Of an ESP only what is in it is compressed.
  if (config.format === "disk" && config.compressOutput !== "none" && config.compressOutput !== null) {
    throw new Failure(`${image} is compressed, and a machine cannot use it as its disk`, {
      origin: context.image.origin("compressOutput"),
      remedy: "build it with CompressOutput=no",
    });
  }
  const { size } = await stat(image);
  const grown = config.runtimeSize !== null && config.runtimeSize > size ? config.runtimeSize : undefined;
  const common = { type: config.diskType, removable: config.removable } as const;
  if (!config.ephemeral) {
    if (grown !== undefined) await truncate(image, grown);
    return {
      disk: {
        ...common,
        path: DISK_INSIDE,
        format: "raw",
        direct: await canBypassCache(image, grown ?? size),
        ephemeral: false,
      },
      mounts: [bind(image, DISK_INSIDE)],
      opened: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const directory = await mkdtemp(join(config.workspaceDirectory ?? "/var/tmp", "mkosi-ephemeral-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  const mounts = [bindReadOnly(image, DISK_INSIDE), bind(directory, OVERLAY_INSIDE)];
  const path = `${OVERLAY_INSIDE}/${OVERLAY}`;
  try {
    await context.runner.run({
      argv: [
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "raw",
        "-b",
        DISK_INSIDE,
        path,
        ...(grown === undefined ? [] : [String(grown)]),
      ],
      base: { kind: "tools", toolbox: context.toolbox },
      mounts,
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    disk: { ...common, path, format: "qcow2", direct: false, ephemeral: true },
    mounts,
    opened: remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** Some file systems (tmpfs of older kernels, some network ones) refuse direct access. */
async function canBypassCache(path: string, size: number): Promise<boolean> {
  if (size % PAGE !== 0) return false;
  return await open(path, constants.O_RDONLY | constants.O_DIRECT).then(
    async (file) => {
      await file.close();
      return true;
    },
    () => false,
  );
}
