// The extra drives of Drives=: sparse files, kept between runs with the flag `persist`.

import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { bind, type Mount } from "../sandbox/spec.ts";
import type { MachineContext } from "./context.ts";
import type { ExtraDrive } from "./machine.ts";

export interface PreparedDrives {
  readonly drives: readonly ExtraDrive[];
  readonly mounts: readonly Mount[];
  /** The same with the files' paths on the host, for a QEMU that sees them. */
  readonly onHost: readonly ExtraDrive[];
  /** Removes the files that are not kept; QEMU goes on with those it has opened. */
  remove(): Promise<void>;
}

/** Makes the files. Drives with one file id share a file, whose place and size the first of them says. */
export async function prepareDrives(context: MachineContext): Promise<PreparedDrives> {
  const { config } = context.image;
  const files = new Map<string, { readonly path: string; readonly keep: boolean }>();
  for (const { fileId, directory, size, flags } of config.drives) {
    if (files.has(fileId)) continue;
    const keep = flags.includes("persist");
    const suffix = keep ? "" : `-${randomBytes(6).toString("hex")}`;
    const path = join(directory ?? "/var/tmp", `mkosi-drive-${config.machine ?? config.output}-${fileId}${suffix}`);
    await using file = await open(path, "a");
    if ((await file.stat()).size < size) await file.truncate(size);
    files.set(fileId, { path, keep });
  }
  const pathOf = (fileId: string) => files.get(fileId)?.path ?? "";
  const insideOf = (fileId: string) => `/machine/drive-${fileId}`;
  return {
    drives: config.drives.map(({ id, fileId, options }) => ({ id, path: insideOf(fileId), options })),
    onHost: config.drives.map(({ id, fileId, options }) => ({ id, path: pathOf(fileId), options })),
    mounts: [...files].map(([fileId, { path }]) => bind(path, insideOf(fileId))),
    async remove() {
      await Promise.all([...files.values()].filter(({ keep }) => !keep).map(({ path }) => rm(path, { force: true })));
    },
  };
}
