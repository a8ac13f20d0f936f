// EFI programs that have the image's whole tree in them, as an initrd: unified system images, and add-ons for the unified
// kernel image of another one.

import { existsSync, readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { policyDigestsIn } from "../signing/policy-digests.ts";
import { addonSigning, ukiSigning, wantsPolicyDigests } from "../signing/uki.ts";
import { compressorCommand } from "../tools/compress.ts";
import type { OutputContext, TreeContext } from "../tools/context.ts";
import { createCpio } from "../tools/cpio.ts";
import { pathInside } from "../tools/inside.ts";
import { runUkify, type UkiSection } from "../tools/ukify.ts";
import { keptComponents } from "./components.ts";
import { devicetreeSections } from "./devicetrees.ts";
import { entryName } from "./entry.ts";
import { hasMicrocodeSection } from "./microcode.ts";
import { buildProfiles } from "./uki-profiles.ts";
import { efiName } from "./wanted.ts";

/**
 * Makes the program that Format=uki and addon consist of, or the one that an ESP is to have in it.
 * @param notes of all steps
 * @param name of the file in the staging directory
 * @returns its path; undefined for other formats, and for an ESP, whose program goes into the tree
 */
export async function packTreeProgram(
  context: OutputContext,
  notes: readonly string[],
  name: string,
): Promise<string | undefined> {
  const { format, bootable } = context.image.config;
  if (format !== "uki" && format !== "esp" && format !== "addon") return undefined;
  const components = await keptComponents(notes);
  if (format === "esp") {
    if (components === undefined || bootable === "disabled") return undefined;
    const output = join(context.root, `boot/EFI/Linux/${await entryName(context, components.kernelVersion)}.efi`);
    const initrd = await treeInitrd(context);
    await mkdir(dirname(output), { recursive: true, mode: 0o700 });
    await makeProgram(context, components, [initrd], output);
    return undefined;
  }
  if (components === undefined) throw new Error(`an image of Format=${format} without a stub`);
  const output = join(context.staging, name);
  // An add-on may be nothing but a command line.
  const isEmpty = format === "addon" && readdirSync(context.root).length === 0;
  await makeProgram(context, components, isEmpty ? [] : [await treeInitrd(context)], output);
  return output;
}

async function treeInitrd(context: TreeContext): Promise<string> {
  const { compressOutput } = context.image.config;
  const output = join(context.scratch, "tree.initrd");
  await createCpio(context, {
    output,
    compressor: compressOutput === "none" ? [] : compressorCommand(context, compressOutput),
  });
  return output;
}

type Components = NonNullable<Awaited<ReturnType<typeof keptComponents>>>;

async function makeProgram(
  context: TreeContext,
  components: Components,
  initrds: readonly string[],
  output: string,
): Promise<void> {
  const { stub, kernel, kernelVersion, microcode } = components;
  const commandLine = context.image.config.kernelCommandLine.join(" ");
  const section = microcode !== undefined && (await hasMicrocodeSection(context, stub));
  const osRelease = pathInside(context.root, "usr/lib/os-release");
  await runUkify(context, {
    stub,
    kernel,
    kernelVersion,
    initrds: microcode === undefined || section ? initrds : [microcode, ...initrds],
    microcode: section ? microcode : undefined,
    osRelease: kernel !== undefined && existsSync(osRelease) ? osRelease : undefined,
    commandLine,
    sections: kernel === undefined ? [] : await sectionsOf(context, components, commandLine),
    efiArchitecture: efiName(context),
    signing: kernel === undefined ? await addonSigning(context) : await ukiSigning(context),
    digests: kernel !== undefined && wantsPolicyDigests(context) ? policyDigestsIn(context.scratch) : undefined,
    output,
  });
}

async function sectionsOf(
  context: TreeContext,
  { stub, addonStub, splash, devicetrees }: Components,
  commandLine: string,
): Promise<readonly UkiSection[]> {
  return [
    ...devicetreeSections(devicetrees.map((path) => ({ path }))),
    ...(splash === undefined ? [] : [{ option: "--splash", path: splash } as const]),
    ...(await buildProfiles(context, { stub, addonStub, commandLine })),
  ];
}
