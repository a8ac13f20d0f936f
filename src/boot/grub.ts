// Installs GRUB: as an EFI program where firmware or shim looks for a boot loader, and for a BIOS as the two files that
// go into the disk when there is one.

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BIOS_TARGET, biosGrub, GRUB_MODULES, GRUB_NAMES, grubDirectory, grubFiles } from "../facts/grub.ts";
import { readSection } from "../formats/pe.ts";
import { Failure } from "../report/failure.ts";
import { signEfi } from "../signing/efi.ts";
import type { TreeContext } from "../tools/context.ts";
import { grubMkimage, wantsBiosGrub } from "../tools/grub.ts";
import { fileInside, listInside, pathInside } from "../tools/inside.ts";
import { grubPlatforms } from "./grub-menu.ts";
import { findLoader } from "./loader-files.ts";
import { bootedKernels } from "./prebuilt.ts";
import { addPackage, isSigned, loaderKind, loaderPath, wantsEfi } from "./wanted.ts";

/**
 * Installs GRUB as far as the image wants it; with Bootable=auto only where there is a kernel and GRUB in the tree.
 * @throws {Failure} when it must be there and something is missing; {CommandFailure}
 */
export async function installGrub(context: TreeContext): Promise<void> {
  const { config } = context.image;
  const efi = wantsEfi(context) && loaderKind(config) === "grub";
  const bios = wantsBiosGrub(config);
  if (!efi && !bios) return;
  if (config.bootable === "auto" && (await bootedKernels(context)).length === 0) return;
  if (bios) await installForBios(context);
  if (efi) await installForEfi(context);
  if (grubPlatforms(context).length > 0) await installFont(context);
}

async function installForBios(context: TreeContext): Promise<void> {
  const { image, root } = context;
  const modules = modulesOf(root, BIOS_TARGET);
  if (modules === undefined) {
    if (image.config.bootable === "auto") return;
    throw new Failure(
      `image ${image.name} is to boot by a BIOS, but there is no GRUB for it in /usr/lib/grub/${BIOS_TARGET}`,
      {
        origin: image.origin("biosBootloader"),
        remedy: addPackage(context, "biosGrub"),
      },
    );
  }
  const directory = pathInside(root, biosGrub(image.config.distribution));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await grubMkimage(context, {
    target: BIOS_TARGET,
    modules: pathInside(root, modules),
    more: ["biosdisk"],
    shimLock: false,
    output: join(directory, "core.img"),
  });
  await copyFile(
    pathInside(root, join(modules, "boot.img")),
    pathInside(root, join(biosGrub(image.config.distribution), "boot.img")),
  );
}

async function installForEfi(context: TreeContext): Promise<void> {
  const { config } = context.image;
  const output = pathInside(context.root, loaderPath(context));
  const ready = await findLoader(context, grubFiles(config.architecture));
  if (!isSigned(config)) return await makeForEfi(context, ready, output);
  if (ready === undefined) return missing(context, "by the GRUB that its distribution has signed", "signedGrub");
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  await copyFile(ready, output);
}

/** @param ready the program that the distribution has made */
async function makeForEfi(context: TreeContext, ready: string | undefined, output: string): Promise<void> {
  const { image, root } = context;
  const { architecture, secureBoot, shimBootloader } = image.config;
  const name = GRUB_NAMES[architecture];
  const target = `${name}-efi`;
  const modules = name === undefined ? undefined : modulesOf(root, target);
  if (modules === undefined) return missing(context, `by GRUB for UEFI (/usr/lib/grub/${target})`, "grub");
  const shim = shimBootloader !== "none";
  const sbat = shim ? await keepSbat(context, ready) : undefined;
  if (shim && secureBoot && sbat === undefined) {
    throw new Failure(
      `image ${image.name}: shim starts no GRUB without an .sbat section, which is taken from the one that the distribution has signed, and that is not in the image`,
      { origin: image.origin("shimBootloader"), remedy: addPackage(context, "signedGrub") },
    );
  }
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  const more = ["chain", ...(target.startsWith("arm") ? ["fdt"] : [])];
  await grubMkimage(context, { target, modules: pathInside(root, modules), more, sbat, shimLock: shim, output });
  if (secureBoot) await signEfi(context, output, output);
}

/** Where the image may do without. @throws {Failure} where it must not */
function missing(context: TreeContext, what: string, packages: "grub" | "signedGrub"): void {
  const { image } = context;
  if (image.config.bootable === "auto") return;
  throw new Failure(`image ${image.name} is to boot ${what}, and there is none in it`, {
    origin: image.origin("bootloader"),
    remedy: addPackage(context, packages),
  });
}

/** Which GRUB the program counts as when versions are revoked: the same as the distribution's. */
async function keepSbat(context: TreeContext, ready: string | undefined): Promise<string | undefined> {
  const section = ready === undefined ? undefined : await readSection(ready, ".sbat");
  if (section === undefined) return undefined;
  const path = join(context.scratch, "grub.sbat");
  await writeFile(path, section);
  return path;
}

/** For configurations that switch to a graphical terminal. */
async function installFont({ image, root }: TreeContext): Promise<void> {
  const target = pathInside(root, join("efi", grubDirectory(image.config.distribution), "fonts/unicode.pf2"));
  for (const place of ["usr/share/grub", "usr/share/grub2"]) {
    const font = fileInside(root, join(place, "unicode.pf2"));
    if (font === undefined) continue;
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(font, target);
  }
}

/** The directory with a target's modules, relative to the root. */
function modulesOf(root: string, target: string): string | undefined {
  for (const place of GRUB_MODULES) {
    const directory = join("usr", place, target);
    if (listInside(root, directory).some(({ name }) => name.endsWith(".mod"))) return directory;
  }
  return undefined;
}
