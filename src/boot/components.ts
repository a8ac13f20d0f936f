// What EFI programs are made of: formats that consist of one (Format=uki, esp, addon) take stub, kernel, microcode, picture and
// device trees out of the tree before packages and files are removed from it, as what they are made of is rarely to be in it as well.

import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EFI_NAMES } from "../facts/architectures.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import type { TreeContext } from "../tools/context.ts";
import { chooseDevicetrees } from "./devicetrees.ts";
import { findKernels } from "./kernels.ts";
import { buildMicrocodeInitrd } from "./microcode.ts";
import { splashFile } from "./splash.ts";
import { stubPath, stubPlace } from "./stub.ts";
import { addPackage } from "./wanted.ts";

export interface BootComponents {
  readonly stub: string;
  /** Undefined for an add-on, which has none. */
  readonly kernel: string | undefined;
  readonly kernelVersion: string;
  readonly microcode: string | undefined;
  readonly splash: string | undefined;
  /** What profiles are made with; undefined where the tree has none. */
  readonly addonStub: string | undefined;
  readonly devicetrees: readonly string[];
}

const DIRECTORY = "boot-components";

/** Whether the image's output is, or has in it, an EFI program that is made from the tree. */
export function isMadeOfTree({ format }: Pick<Config, "format">): boolean {
  return format === "uki" || format === "esp" || format === "addon";
}

/**
 * Puts aside what the tree has of them. @param notes a directory that is kept
 * @throws {Failure} when the image needs what the tree lacks
 */
export async function keepComponents(context: TreeContext, notes: string): Promise<void> {
  const { image, root } = context;
  const { format, bootable, architecture } = image.config;
  if (EFI_NAMES[architecture] === undefined) {
    throw new Failure(`image ${image.name}: there is no UEFI on ${architecture}, and so no Format=${format}`, {
      origin: image.origin("format"),
      remedy: "choose another format, or another architecture",
    });
  }
  const directory = join(notes, DIRECTORY);
  await mkdir(directory, { recursive: true });
  const keep = (path: string, name: string) => copyFile(path, join(directory, name));
  const kind = format === "addon" ? "addon" : "linux";
  const stub = stubPath(context, kind);
  if (format !== "addon") {
    const [kernel] = await findKernels(root);
    if (kernel === undefined) {
      if (format === "esp" && bootable !== "enabled") return;
      throw new Failure(`image ${image.name}: there is no kernel in its /usr/lib/modules for a unified kernel image`, {
        origin: image.origin("format"),
        remedy: addPackage(context, "kernel"),
      });
    }
    await keep(kernel.path, "kernel");
    await writeFile(join(directory, "version"), kernel.version);
    const microcode = await buildMicrocodeInitrd(context);
    if (microcode !== undefined) await keep(microcode, "microcode");
    const splash = await splashFile(context);
    if (splash !== undefined) await keep(splash, "splash");
    for (const [index, { path }] of (await chooseDevicetrees(context, kernel.version)).entries())
      await keep(path, `${String(index).padStart(6, "0")}.dtb`);
    const addonStub = stubPath(context, "addon");
    if (existsSync(addonStub)) await keep(addonStub, "addon-stub");
  }
  if (!existsSync(stub)) {
    throw new Failure(`image ${image.name}: systemd-stub is not in it (/${stubPlace(context, kind)})`, {
      origin: image.origin("format"),
      remedy: addPackage(context, "bootloader"),
    });
  }
  await keep(stub, "stub");
}

/** What was put aside. @param notes of all steps; undefined where there was nothing to boot */
export async function keptComponents(notes: readonly string[]): Promise<BootComponents | undefined> {
  const directory = notes.map((each) => join(each, DIRECTORY)).find((each) => existsSync(join(each, "stub")));
  if (directory === undefined) return undefined;
  const file = (name: string) => (existsSync(join(directory, name)) ? join(directory, name) : undefined);
  return {
    stub: join(directory, "stub"),
    kernel: file("kernel"),
    kernelVersion: await readFile(join(directory, "version"), "utf8").catch(() => ""),
    microcode: file("microcode"),
    splash: file("splash"),
    addonStub: file("addon-stub"),
    devicetrees: (await readdir(directory))
      .filter((name) => name.endsWith(".dtb"))
      .toSorted()
      .map((name) => join(directory, name)),
  };
}
