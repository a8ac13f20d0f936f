// Whether a kernel that mounts a directory as its root finds an init system there. Where it finds none it starts /bin/sh,
// which says nothing and waits.

import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import type { BootFiles } from "../boot.ts";

/** Where the kernel looks, also in images whose /sbin and /bin are links. */
const PLACES = ["sbin/init", "usr/sbin/init", "etc/init", "bin/init", "usr/bin/init"];

/** @throws {Failure} when an image that has to have an init system for the kernel has none */
export function requireInit(
  { name, config, origin }: Pick<Image, "name" | "config" | "origin">,
  files: BootFiles,
): void {
  const hasInitrd = config.firmware !== "linux-noinitrd" && existsSync(files.initrd);
  if (config.format !== "directory" || hasInitrd || existsSync(files.uki) || config.qemuArgs.includes("-initrd"))
    return;
  if ([...config.kernelCommandLine, ...config.kernelCommandLineExtra].some((option) => option.startsWith("init=")))
    return;
  // A link is one to something inside.
  if (PLACES.some((place) => lstatSync(join(files.image, place), { throwIfNoEntry: false }) !== undefined)) return;
  throw new Failure(`the image ${name} has no init system: there is no /sbin/init in it`, {
    origin: origin("packages"),
    remedy:
      "add it to Packages= (Debian: systemd-sysv), or set KernelCommandLineExtra=init=/usr/lib/systemd/systemd where systemd alone is there",
  });
}
