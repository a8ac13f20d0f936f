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
import { type BootComponents, keptComponents } from "./components.ts";
import { devicetreeSections } from "./devicetrees.ts";
import { entryName } from "./entry.ts";
import type { GivenInitrds } from "./given-initrds.ts";
import { placeMicrocode } from "./microcode.ts";
import { buildProfiles } from "./uki-profiles.ts";
import { efiName } from "./wanted.ts";

/**
 * Makes the program that Format=uki and addon consist of, or the one that an ESP is to have in it.
 * @param notes of all steps
 * @param given what scripts have made for it
 * @param name of the file in the staging directory
 * @returns its path; undefined for other formats, and for an ESP, whose program goes into the tree
 */
export async function packTreeProgram(
  context: OutputContext,
  notes: readonly string[],
  given: GivenInitrds,
  name: string,
): Promise<string | undefined> {
  const { format, bootable } = context.image.config;
  if (format !== "uki" && format !== "esp" && format !== "addon") return undefined;
  const components = await keptComponents(notes);
  if (format === "esp") {
    if (components === undefined || bootable === "disabled") return undefined;
    const output = pathInside(context.root, `boot/EFI/Linux/${await entryName(context, components.kernelVersion)}.efi`);
    const initrd = await treeInitrd(context);
    await mkdir(dirname(output), { recursive: true, mode: 0o700 });
    await makeProgram(context, withGiven(components, [initrd], given), output);
    return undefined;
  }
  if (components === undefined) throw new Error(`an image of Format=${format} without a stub`);
  const output = join(context.staging, name);
  // An add-on may be nothing but a command line.
  const isEmpty = format === "addon" && readdirSync(context.root).length === 0;
  const initrds = isEmpty ? [] : [await treeInitrd(context)];
  await makeProgram(context, withGiven(components, initrds, given), output);
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

interface Parts extends Omit<BootComponents, "microcode">, GivenInitrds {}

/** Initrds of scripts come last; their microcode takes the place of the tree's. */
function withGiven(components: BootComponents, own: readonly string[], { initrds, microcode }: GivenInitrds): Parts {
  const kept = components.microcode === undefined ? [] : [components.microcode];
  return { ...components, initrds: [...own, ...initrds], microcode: microcode.length > 0 ? microcode : kept };
}

async function makeProgram(context: TreeContext, parts: Parts, output: string): Promise<void> {
  const { stub, kernel, kernelVersion } = parts;
  const commandLine = context.image.config.kernelCommandLine.join(" ");
  const osRelease = pathInside(context.root, "usr/lib/os-release");
  await runUkify(context, {
    stub,
    kernel,
    kernelVersion,
    ...(await placeMicrocode(context, stub, parts)),
    osRelease: kernel !== undefined && existsSync(osRelease) ? osRelease : undefined,
    commandLine,
    sections: kernel === undefined ? [] : await sectionsOf(context, parts, commandLine),
    efiArchitecture: efiName(context),
    signing: kernel === undefined ? await addonSigning(context) : await ukiSigning(context),
    digests: kernel !== undefined && wantsPolicyDigests(context) ? policyDigestsIn(context.scratch) : undefined,
    output,
  });
}

async function sectionsOf(
  context: TreeContext,
  { stub, addonStub, splash, devicetrees }: Parts,
  commandLine: string,
): Promise<readonly UkiSection[]> {
  return [
    ...devicetreeSections(devicetrees.map((path) => ({ path }))),
    ...(splash === undefined ? [] : [{ option: "--splash", path: splash } as const]),
    ...(await buildProfiles(context, { stub, addonStub, commandLine })),
  ];
}
