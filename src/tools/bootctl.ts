// systemd-boot's installer, kept from looking at the machine it runs on.

import { rm } from "node:fs/promises";
import type { TreeContext } from "./context.ts";
import { pathInside } from "./inside.ts";
import { BUILDROOT, requireTool, rootMount, runTool, type ToolOptions } from "./tool.ts";

/**
 * Installs systemd-boot from the image's own usr/lib/systemd/boot/efi into efi/ of the tree; a program that lies there
 * signed, too (`.efi.signed`), is taken in place of the other.
 * @param enrollment options that have it leave keys for the firmware to enrol
 * @throws {Failure} {CommandFailure}
 */
export async function bootctlInstall(context: TreeContext, enrollment?: ToolOptions): Promise<void> {
  requireTool(context, "bootctl", "to install systemd-boot");
  await runTool(context, {
    argv: [
      "bootctl",
      "install",
      `--root=${BUILDROOT}`,
      "--install-source=image",
      "--all-architectures",
      "--no-variables",
      ...(enrollment?.argv ?? []),
    ],
    mounts: [rootMount(context), ...(enrollment?.mounts ?? [])],
    devices: enrollment?.devices ?? [],
    env: {
      SYSTEMD_ESP_PATH: "/efi",
      SYSTEMD_XBOOTLDR_PATH: "/boot",
      // A directory is neither a FAT file system nor a mount point.
      SYSTEMD_RELAX_ESP_CHECKS: "1",
      SYSTEMD_RELAX_XBOOTLDR_CHECKS: "1",
    },
  });
  // A seed that many machines share is no seed.
  await rm(pathInside(context.root, "efi/loader/random-seed"), { force: true });
}
