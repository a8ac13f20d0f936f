// What virtual machines cannot be made of, said before anything is built.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { checkVmspawnSupported } from "./vmspawn/supported.ts";

/** Formats that a machine can be started from. */
const STARTABLE: readonly Config["format"][] = ["disk", "directory", "cpio", "uki", "esp"];

/** @throws {Failure} naming the setting and its place */
export function checkMachineSupported(image: Image): void {
  const { config } = image;
  if (!STARTABLE.includes(config.format)) {
    throw new Failure(`image ${image.name} cannot be started as a machine: its format is ${config.format}`, {
      origin: image.origin("format"),
      remedy: `build it in one of these: ${STARTABLE.join(", ")}`,
    });
  }
  if (config.virtualMachineMonitor === "vmspawn") checkVmspawnSupported(image);
  else if (config.bindUser) {
    throw new Failure("QEMU alone cannot honour BindUser=yes, systemd-vmspawn can", {
      origin: image.origin("bindUser"),
      remedy: "set VirtualMachineMonitor=vmspawn, or share a directory with RuntimeTrees=",
    });
  }
}
