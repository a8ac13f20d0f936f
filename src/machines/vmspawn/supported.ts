// Settings that systemd-vmspawn has nothing for, said before anything is built.

import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import { type Config, settings } from "../../settings/index.ts";

const FORMATS: readonly Config["format"][] = ["disk", "directory", "uki", "esp"];

/** @throws {Failure} naming the setting and its place */
export function checkVmspawnSupported(image: Image): void {
  const { name, config, origin } = image;
  if (!FORMATS.includes(config.format)) {
    throw new Failure(`image ${name} cannot be started by systemd-vmspawn: its format is ${config.format}`, {
      origin: origin("format"),
      remedy: `build it in one of these: ${FORMATS.join(", ")}; or set VirtualMachineMonitor=qemu`,
    });
  }
  for (const key of ["cxl", "removable"] as const) {
    if (!config[key]) continue;
    throw new Failure(`systemd-vmspawn has nothing for ${settings[key].name}=`, {
      origin: origin(key),
      remedy: "remove it, or set VirtualMachineMonitor=qemu",
    });
  }
}
