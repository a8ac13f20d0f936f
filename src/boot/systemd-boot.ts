// Installs systemd-boot into the tree's efi/, where the ESP's content is collected; with SecureBoot=yes signed, and with what
// firmware in setup mode needs to trust the signature.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { signEfi } from "../signing/efi.ts";
import { enrollmentOptions, makeEnrollment } from "../signing/enroll.ts";
import { bootctlInstall } from "../tools/bootctl.ts";
import type { TreeContext } from "../tools/context.ts";
import { listInside, pathInside, wayInside } from "../tools/inside.ts";
import { bootedKernels } from "./prebuilt.ts";
import { addPackage, efiName, isSigned, loaderKind, loaderPath, wantsEfi, wantsShim } from "./wanted.ts";

const LOADERS = "usr/lib/systemd/boot/efi";

/**
 * Installs systemd-boot when the image wants it; with Bootable=auto only into a tree that has a kernel and
 * systemd-boot's EFI programs. @throws {Failure} with Bootable=yes and no systemd-boot in the tree; {CommandFailure}
 */
export async function installSystemdBoot(context: TreeContext): Promise<void> {
  const { image, root } = context;
  if (!wantsEfi(context) || loaderKind(image.config) !== "systemd-boot") return;
  const automatic = image.config.bootable === "auto";
  if (automatic && (await bootedKernels(context)).length === 0) return;
  const signed = isSigned(image.config);
  const names = listInside(root, LOADERS).map(({ name }) => name);
  if (names.some((name) => name.endsWith(signed ? ".efi.signed" : ".efi"))) {
    await install(
      context,
      names.filter((name) => name.endsWith(".efi")),
    );
    if (!wantsShim(image.config)) return;
    const installed = pathInside(root, `efi/EFI/systemd/systemd-boot${efiName(context)}.efi`);
    return await copyFile(installed, pathInside(root, loaderPath(context)));
  }
  if (automatic) return;
  throw new Failure(
    `image ${image.name} is to boot by ${signed ? "a signed systemd-boot" : "systemd-boot"}, but there is none in its /${LOADERS}`,
    { origin: image.origin("bootable"), remedy: addPackage(context, signed ? "signedBootloader" : "bootloader") },
  );
}

async function install(context: TreeContext, programs: readonly string[]): Promise<void> {
  const { config } = context.image;
  if (config.secureBoot && !isSigned(config)) {
    // bootctl prefers signed ones; those of a distribution give way, as firmware that knows our key may not know theirs.
    for (const name of programs) {
      const program = pathInside(context.root, join(LOADERS, name));
      await signEfi(context, program, join(pathInside(context.root, LOADERS), `${name}.signed`));
    }
  }
  await bootctlInstall(context, await enrollmentOptions(context)).catch((cause: unknown) => {
    throw cause instanceof CommandFailure ? explain(context, cause) : cause;
  });
  await makeEnrollment(context);
}

/** bootctl follows links of the tree its own way, and does not say whose image it is about. */
function explain({ image, root }: TreeContext, cause: CommandFailure): Failure {
  const link = ["efi", "boot"].find((name) => wayInside(root, name).links.length > 0);
  return new Failure(`image ${image.name}: bootctl cannot install systemd-boot into /efi of the image`, {
    ...cause.details,
    origin: image.origin("bootloader") ?? image.origin("bootable"),
    remedy:
      cause.details.remedy ??
      (link === undefined
        ? "see what bootctl says above; /efi and /boot of the image must be directories"
        : `make /${link} of the image a directory: it is a symbolic link`),
    cause,
  });
}
