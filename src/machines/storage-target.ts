// StorageTargetMode=: offers a disk image in the network as a block device, by NVMe over TCP. systemd-storagetm does it,
// and the kernel for it: it takes root.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { Runner, RunningProgram, Toolbox } from "../sandbox/spec.ts";
import { findInToolbox } from "./context.ts";

const PROGRAM = "/usr/lib/systemd/systemd-storagetm";

export interface StorageTargetContext {
  readonly image: Image;
  /** The disk. */
  readonly disk: string;
  readonly runner: Runner;
  /** Asked for only when all else is as it must be; undefined: the tools are not there. */
  toolbox(): Promise<Toolbox | undefined>;
  /** Who has called us. */
  readonly uid: number;
}

/** @returns undefined where StorageTargetMode= wants none, or (auto) none is possible. @throws {Failure} when it must be */
export async function startStorageTarget(context: StorageTargetContext): Promise<RunningProgram | undefined> {
  const { image, runner } = context;
  const mode = image.config.storageTargetMode;
  if (mode === "disabled") return undefined;
  const why = whyNot(context);
  const toolbox = why === undefined ? await context.toolbox() : undefined;
  if (toolbox !== undefined && findInToolbox(toolbox, [PROGRAM]) !== undefined)
    return await runner.start({ argv: [PROGRAM, context.disk], base: { kind: "host", toolbox }, output: "log" });
  if (mode === "enabled") throw storageTargetFailure(image, why ?? "systemd-storagetm is not installed");
  return undefined;
}

export function storageTargetFailure({ origin }: Image, why: string, excerpt?: string): Failure {
  return new Failure(`StorageTargetMode=yes, but ${why}`, {
    origin: origin("storageTargetMode"),
    remedy: "set StorageTargetMode=auto to do without",
    excerpt,
  });
}

function whyNot({ image: { config }, uid }: StorageTargetContext): string | undefined {
  if (config.format !== "disk") return `the image is no disk (Format=${config.format})`;
  return uid === 0 ? undefined : "it takes root";
}
