// Installs systemd-boot into the tree's efi/, where the ESP's content is collected.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bootctlInstall } from "../tools/bootctl.ts";
import type { TreeContext } from "../tools/context.ts";
import { findKernels } from "./kernels.ts";
import { addPackage, wantsEfi } from "./wanted.ts";

const LOADERS = "usr/lib/systemd/boot/efi";

/**
 * Installs systemd-boot when the image wants it; with Bootable=auto only into a tree that has a kernel and
 * systemd-boot's EFI programs. @throws {Failure} with Bootable=yes and no systemd-boot in the tree; {CommandFailure}
 */
export async function installSystemdBoot(context: TreeContext): Promise<void> {
  const { config } = context.image;
  if (!wantsEfi(context) || config.bootloader !== "systemd-boot") return;
  const automatic = config.bootable === "auto";
  if (automatic && (await findKernels(context.root)).length === 0) return;
  const programs = await readdir(join(context.root, LOADERS)).catch(() => []);
  if (programs.some((name) => name.endsWith(".efi"))) return await bootctlInstall(context);
  if (automatic) return;
  throw new Failure(`image ${context.image.name} is to boot by systemd-boot, but there is none in its /${LOADERS}`, {
    origin: context.image.origin("bootable"),
    remedy: addPackage(context, "bootloader"),
  });
}
