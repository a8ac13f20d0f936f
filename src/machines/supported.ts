// Settings of machines whose effect this version does not have: a machine that is asked for one is not started.

import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { type Config, settings } from "../settings/index.ts";

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
  if (config.virtualMachineMonitor !== "qemu") throw unsupported(image, "virtualMachineMonitor", "use --vmm=qemu");
  if (config.bindUser)
    throw unsupported(image, "bindUser", "it is for containers (mkosi boot); remove it to start a machine");
  if (config.register === "enabled") throw unsupported(image, "register", "set Register=auto");
}

function unsupported(
  image: Image,
  key: "virtualMachineMonitor" | "bindUser" | "register",
  remedy: string,
): Failure {
  const { name } = settings[key];
  return new Failure(`virtual machines of this version do not honour ${name}=${String(image.config[key])}`, {
    origin: image.origin(key),
    remedy,
  });
}
