// Installs the tree's kernels where boot loaders look for them: as unified kernel images, or with entries of their own
// where the tree or the tools lack what those are made of.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../report/failure.ts";
import { ukiSigning, wantsPolicyDigests } from "../signing/uki.ts";
import type { TreeContext } from "../tools/context.ts";
import { makeAnew } from "../tools/derived.ts";
import { contentDigest } from "../tools/digest.ts";
import { pathInside } from "../tools/inside.ts";
import { hasTool } from "../tools/tool.ts";
import { runUkify, type UkiSection } from "../tools/ukify.ts";
import { chooseDevicetrees, devicetreeSections, onlyDevicetree } from "./devicetrees.ts";
import { entryName, kernelCommandLine, needsPartitions, type PartitionIdentity } from "./entry.ts";
import { type BootFiles, installEntry } from "./entry-file.ts";
import { chainEntry, grubPlatforms, kernelEntry, type MenuEntry, writeMenu } from "./grub-menu.ts";
import { buildModulesInitrd } from "./initrd.ts";
import { findKernels, type Kernel } from "./kernels.ts";
import { microcodeInitrds, placeMicrocode } from "./microcode.ts";
import { bootedKernels, installPrebuilt } from "./prebuilt.ts";
import { splashFile } from "./splash.ts";
import { stubPath, stubPlace } from "./stub.ts";
import { buildProfiles } from "./uki-profiles.ts";
import { addPackage, efiName, loaderKind, loaderPath, wantsEfi, wantsKernels, wantsPrebuilt } from "./wanted.ts";

export interface KernelOptions {
  /** Initrds for every kernel, in order; the modules of each come after them. */
  readonly initrds: readonly string[];
  /** Initrds with microcode that take the place of the tree's. */
  readonly microcode?: readonly string[];
  /** The disk's partitions, where `needsPlan` says that they are needed. */
  readonly partitions?: readonly PartitionIdentity[];
  /** File for the digests of the newest kernel's PCR values, where they are wanted. */
  readonly digests?: string;
}

/**
 * Installs every kernel of the tree (with Bootloader=uki only the newest) below boot/ or efi/, newest first.
 * @throws {Failure} when the image must be bootable and has no kernel, or must have unified kernel images and has no
 *   stub; {CommandFailure}
 */
export async function installKernels(context: TreeContext, options: KernelOptions): Promise<void> {
  const { config } = context.image;
  if (!wantsKernels(config)) return;
  const booted = await bootedKernels(context);
  if (booted.length === 0 && config.bootable === "enabled") throw noKernel(context);
  if (booted.length === 0) return;
  const prebuilt = wantsPrebuilt(context);
  const unified = isUnified(context);
  const platforms = grubPlatforms(context);
  const newest = <T>(kernels: readonly T[]) => (loaderKind(config) === "uki" ? kernels.slice(0, 1) : kernels);
  const partitions = options.partitions ?? [];
  const commandLine = await kernelCommandLine(context, partitions);
  const menu: MenuEntry[] = [];
  if (unified) {
    const paths = await ukiPaths(context, newest(booted), partitions);
    if (prebuilt) for (const [kernel, path] of paths) await installPrebuilt(context, kernel, path);
    else await installUkis(context, paths, { ...options, commandLine });
    if (platforms.includes("efi")) menu.push(...[...paths.values()].map(chainEntry));
  }
  // A BIOS starts no unified kernel image.
  const without = unified ? platforms.filter((platform) => platform === "pc") : platforms;
  for (const kernel of unified && without.length === 0 ? [] : newest(await findKernels(context.root))) {
    const files = await filesOf(context, kernel, { ...options, commandLine });
    // No BIOS knows device trees.
    const devicetrees = unified ? [] : await chooseDevicetrees(context, kernel.version);
    const entry = await installEntry(context, kernel, { ...files, devicetree: onlyDevicetree(context, devicetrees) });
    if (without.length > 0) menu.push(kernelEntry(entry, without, partitions));
  }
  await writeMenu(context, menu);
}

/** Whether the kernels can only be installed once the disk's partitions are known. */
export function needsPlan(context: TreeContext): boolean {
  if (needsPartitions(context)) return true;
  if (context.image.config.format !== "disk") return false;
  const platforms = grubPlatforms(context);
  return platforms.includes("pc") || (platforms.length > 0 && !isUnified(context));
}

function noKernel(context: TreeContext): Failure {
  const { image } = context;
  const prebuilt = wantsPrebuilt(context);
  return new Failure(
    `image ${image.name} must be bootable, but there is no ${prebuilt ? "unified kernel image of its distribution" : "kernel"} in its /usr/lib/modules`,
    {
      origin: image.origin("bootable"),
      remedy: prebuilt
        ? `${addPackage(context, "unifiedKernel")}; or have it made here: UnifiedKernelImages=unsigned`
        : addPackage(context, "kernel"),
    },
  );
}

/** Whether kernels are booted as unified images, ready ones or such that are made here. @throws {Failure} as wantsUki() */
function isUnified(context: TreeContext): boolean {
  return wantsPrebuilt(context) || wantsUki(context);
}

/** @throws {Failure} when they must be made and cannot */
function wantsUki(context: TreeContext): boolean {
  const { image } = context;
  const { unifiedKernelImages } = image.config;
  if (!wantsEfi(context)) return false;
  const single = loaderKind(image.config) === "uki";
  const must = single || unifiedKernelImages === "unsigned";
  const hasStub = existsSync(stubPath(context, "linux"));
  if (!must) return unifiedKernelImages === "auto" && hasStub && hasTool(context.toolbox, "ukify");
  if (hasStub) return true;
  throw new Failure(
    `image ${image.name} is to have unified kernel images, but systemd-stub is not in it (/${stubPlace(context, "linux")})`,
    {
      origin: image.origin(single ? "bootloader" : "unifiedKernelImages"),
      remedy: addPackage(context, "bootloader"),
    },
  );
}

/** Where each kernel's unified image goes, relative to the root. @throws {Failure} when two had the same name */
async function ukiPaths(
  context: TreeContext,
  kernels: readonly Kernel[],
  partitions: readonly PartitionIdentity[],
): Promise<ReadonlyMap<Kernel, string>> {
  const { image } = context;
  const paths = new Map<Kernel, string>();
  if (loaderKind(image.config) === "uki") return new Map(kernels.map((kernel) => [kernel, loaderPath(context)]));
  for (const kernel of kernels) {
    const path = `boot/EFI/Linux/${await entryName(context, kernel.version, partitions)}.efi`;
    const other = [...paths].find(([, each]) => each.toLowerCase() === path.toLowerCase())?.[0];
    if (other !== undefined) {
      throw new Failure(
        `image ${image.name}: the unified kernel images of ${other.version} and ${kernel.version} would have the same name, ${path.slice("boot/".length)}`,
        {
          origin: image.origin("unifiedKernelImageFormat"),
          remedy: "put the kernel's version into UnifiedKernelImageFormat= (&k), or install one kernel only",
        },
      );
    }
    paths.set(kernel, path);
  }
  return paths;
}

type Common = KernelOptions & Pick<BootFiles, "commandLine">;
type KernelFiles = Omit<BootFiles, "devicetree">;

async function filesOf(
  context: TreeContext,
  { version }: Kernel,
  { initrds, microcode, commandLine }: Common,
): Promise<KernelFiles> {
  const modules = context.image.config.kernelModulesInitrd ? [await buildModulesInitrd(context, version)] : [];
  return { initrds: [...initrds, ...modules], microcode: await microcodeInitrds(context, microcode), commandLine };
}

async function installUkis(context: TreeContext, paths: ReadonlyMap<Kernel, string>, common: Common): Promise<void> {
  const splash = await splashFile(context);
  const options = {
    stub: stubPath(context, "linux"),
    addonStub: stubPath(context, "addon"),
    commandLine: common.commandLine,
  };
  const shared: readonly UkiSection[] = [
    ...(splash === undefined ? [] : [{ option: "--splash", path: splash } as const]),
    ...(await buildProfiles(context, options)),
  ];
  for (const [index, [kernel, path]] of [...paths].entries()) {
    const devicetrees = devicetreeSections(await chooseDevicetrees(context, kernel.version));
    const files = await filesOf(context, kernel, common);
    const digests = index === 0 && wantsPolicyDigests(context) ? common.digests : undefined;
    await installUki(context, kernel, { ...files, sections: [...devicetrees, ...shared], path, digests });
  }
}

interface UkiFiles extends KernelFiles {
  readonly sections: readonly UkiSection[];
  /** Relative to the tree's root. */
  readonly path: string;
  readonly digests: string | undefined;
}

async function installUki(context: TreeContext, kernel: Kernel, ukiFiles: UkiFiles): Promise<void> {
  const { commandLine, sections, digests } = ukiFiles;
  const output = pathInside(context.root, ukiFiles.path);
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  const stub = stubPath(context, "linux");
  const initrds = await placeMicrocode(context, stub, ukiFiles);
  const parts = {
    stub,
    kernel: kernel.path,
    kernelVersion: kernel.version,
    ...initrds,
    osRelease: pathInside(context.root, "usr/lib/os-release"),
    commandLine,
    sections,
    efiArchitecture: efiName(context),
    output,
  };
  const { microcode } = initrds;
  const files = [
    stub,
    parts.kernel,
    parts.osRelease,
    ...parts.initrds,
    ...(microcode === undefined ? [] : [microcode]),
  ];
  const others = () => sections.map(({ option, path }) => [option, contentDigest(path)]);
  // Digests are printed while the image is made, so there are none with one that was made before.
  const derive = digests === undefined ? context.derive : makeAnew;
  await derive(context, {
    what: "Unified kernel image",
    from: () => [
      kernel.version,
      commandLine,
      parts.efiArchitecture,
      microcode !== undefined,
      files.map(contentDigest),
      others(),
    ],
    output,
    make: async (own) => runUkify(own, { ...parts, signing: await ukiSigning(own), digests }),
  });
}
