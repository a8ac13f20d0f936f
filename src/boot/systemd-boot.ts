// Installs systemd-boot into the tree's efi/, where the ESP's content is collected; with SecureBoot=yes signed, and with what
// firmware in setup mode needs to trust the signature.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { signEfi } from "../signing/efi.ts";
import { enrollmentOptions, makeEnrollment } from "../signing/enroll.ts";
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
  const names = await readdir(join(context.root, LOADERS)).catch(() => []);
  const programs = names.filter((name) => name.endsWith(".efi"));
  if (programs.length > 0) return await install(context, programs);
  if (automatic) return;
  throw new Failure(`image ${context.image.name} is to boot by systemd-boot, but there is none in its /${LOADERS}`, {
    origin: context.image.origin("bootable"),
    remedy: addPackage(context, "bootloader"),
  });
}

async function install(context: TreeContext, programs: readonly string[]): Promise<void> {
  if (context.image.config.secureBoot) {
    // bootctl prefers signed ones; those of a distribution give way, as firmware that knows our key may not know theirs.
    for (const name of programs) {
      const program = join(context.root, LOADERS, name);
      await signEfi(context, program, `${program}.signed`);
    }
  }
  await bootctlInstall(context, await enrollmentOptions(context));
  await makeEnrollment(context);
}
