// Installs shim, which firmware with Microsoft's keys starts, in front of the boot loader, with MokManager beside it.

import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type LoaderFiles, mokManagerFiles, shimFiles } from "../facts/grub.ts";
import { Failure } from "../report/failure.ts";
import { signEfi } from "../signing/efi.ts";
import type { TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { efiFileName, findLoader } from "./loader-files.ts";
import { bootedKernels } from "./prebuilt.ts";
import { addPackage, fallbackLoader, wantsEfi, wantsShim } from "./wanted.ts";

/**
 * Puts shim where firmware looks, and systemd-boot where shim does; other loaders are installed there by themselves.
 * @throws {Failure} with Bootable=yes and no shim in the tree
 */
export async function installShim(context: TreeContext): Promise<void> {
  const { config } = context.image;
  if (!wantsEfi(context) || !wantsShim(config)) return;
  if (config.bootable === "auto" && (await bootedKernels(context)).length === 0) return;
  const shim = await find(context, "shim", shimFiles(config.architecture));
  const manager = await find(context, "MokManager", mokManagerFiles(config.architecture));
  if (shim === undefined || manager === undefined) return;
  const fallback = pathInside(context.root, fallbackLoader(context));
  const inFallback = (name: string) => pathInside(context.root, join(dirname(fallbackLoader(context)), name));
  await mkdir(dirname(fallback), { recursive: true, mode: 0o700 });
  const isOurs = config.secureBoot && config.shimBootloader === "unsigned";
  const install = async (from: string, to: string) =>
    isOurs ? await signEfi(context, from, to) : await copyFile(from, to);
  await install(shim, fallback);
  await install(manager, inFallback(efiFileName(manager)));
}

async function find(context: TreeContext, what: string, files: LoaderFiles): Promise<string | undefined> {
  const { image } = context;
  const kind = image.config.shimBootloader === "signed" ? "signed" : "unsigned";
  const found = await findLoader(context, files[kind]);
  if (found !== undefined || image.config.bootable === "auto") return found;
  throw new Failure(`image ${image.name} is to boot by shim, but ${what} (${kind}) is not in it`, {
    origin: image.origin("shimBootloader"),
    remedy: addPackage(context, kind === "signed" ? "signedShim" : "shim"),
  });
}
