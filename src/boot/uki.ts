// Installs the tree's kernels where boot loaders look for them: as unified kernel images, or with entries of their own
// where the tree or the tools lack what those are made of.

import { existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { identifyKernel } from "../formats/pe.ts";
import { Failure } from "../report/failure.ts";
import { signEfi } from "../signing/efi.ts";
import { ukiSigning, wantsPolicyDigests } from "../signing/uki.ts";
import type { TreeContext } from "../tools/context.ts";
import { makeAnew } from "../tools/derived.ts";
import { contentDigest } from "../tools/digest.ts";
import { hasTool } from "../tools/tool.ts";
import { runUkify } from "../tools/ukify.ts";
import { entryName, entryToken, kernelCommandLine, type PartitionIdentity } from "./entry.ts";
import { buildModulesInitrd } from "./initrd.ts";
import { findKernels, type Kernel } from "./kernels.ts";
import { buildMicrocodeInitrd, hasMicrocodeSection } from "./microcode.ts";
import { addPackage, efiName, fallbackLoader, wantsEfi, wantsKernels } from "./wanted.ts";

export interface KernelOptions {
  /** Initrds for every kernel, in order; the modules of each come after them. */
  readonly initrds: readonly string[];
  /** The disk's partitions, where `needsPartitions` says that they are needed. */
  readonly partitions?: readonly PartitionIdentity[];
  /** File for the digests of the newest kernel's PCR values, where they are wanted. */
  readonly digests?: string;
}

/**
 * Installs every kernel of the tree (with Bootloader=uki only the newest) below boot/ or efi/.
 * @throws {Failure} when the image must be bootable and has no kernel, or must have unified kernel images and has no
 *   stub; {CommandFailure}
 */
export async function installKernels(context: TreeContext, options: KernelOptions): Promise<void> {
  const { image, root } = context;
  if (!wantsKernels(image.config)) return;
  const kernels = await findKernels(root);
  if (kernels.length === 0 && image.config.bootable === "enabled") {
    throw new Failure(`image ${image.name} must be bootable, but there is no kernel in its /usr/lib/modules`, {
      origin: image.origin("bootable"),
      remedy: addPackage(context, "kernel"),
    });
  }
  const unified = kernels.length > 0 && wantsUki(context);
  const commandLine = await kernelCommandLine(context, options.partitions ?? []);
  const microcode = kernels.length > 0 ? await buildMicrocodeInitrd(context) : undefined;
  const single = image.config.bootloader === "uki";
  const { partitions = [] } = options;
  for (const kernel of single ? kernels.slice(0, 1) : kernels) {
    const digests = kernel === kernels[0] && wantsPolicyDigests(context) ? options.digests : undefined;
    const initrds = image.config.kernelModulesInitrd
      ? [...options.initrds, await buildModulesInitrd(context, kernel.version)]
      : options.initrds;
    if (unified) await installUki(context, kernel, { initrds, microcode, commandLine, partitions, digests });
    else await installEntry(context, kernel, { initrds, microcode, commandLine });
  }
}

/** systemd-stub of the image, which it may lack. */
function stubPath(context: TreeContext): string {
  return join(context.root, `usr/lib/systemd/boot/efi/linux${efiName(context)}.efi.stub`);
}

function wantsUki(context: TreeContext): boolean {
  const { image } = context;
  const { bootloader, unifiedKernelImages } = image.config;
  if (!wantsEfi(context)) return false;
  const must = bootloader === "uki" || unifiedKernelImages === "unsigned" || unifiedKernelImages === "signed";
  const hasStub = existsSync(stubPath(context));
  if (!must) return unifiedKernelImages === "auto" && hasStub && hasTool(context.toolbox, "ukify");
  if (hasStub) return true;
  throw new Failure(
    `image ${image.name} is to have unified kernel images, but systemd-stub is not in it (/${stubPath(context).slice(context.root.length + 1)})`,
    {
      origin: image.origin(bootloader === "uki" ? "bootloader" : "unifiedKernelImages"),
      remedy: addPackage(context, "bootloader"),
    },
  );
}

interface UkiOptions {
  readonly partitions: readonly PartitionIdentity[];
  readonly digests: string | undefined;
}

interface BootFiles {
  readonly initrds: readonly string[];
  readonly microcode: string | undefined;
  readonly commandLine: string;
}

async function installUki(
  context: TreeContext,
  kernel: Kernel,
  { initrds, microcode, commandLine, partitions, digests }: BootFiles & UkiOptions,
): Promise<void> {
  const path =
    context.image.config.bootloader === "uki"
      ? fallbackLoader(context)
      : `boot/EFI/Linux/${await entryName(context, kernel.version, partitions)}.efi`;
  const output = join(context.root, path);
  await mkdir(dirname(output), { recursive: true, mode: 0o700 });
  const stub = stubPath(context);
  const section = microcode !== undefined && (await hasMicrocodeSection(context, stub));
  const parts = {
    stub,
    kernel: kernel.path,
    kernelVersion: kernel.version,
    initrds: microcode === undefined || section ? initrds : [microcode, ...initrds],
    microcode: section ? microcode : undefined,
    osRelease: join(context.root, "usr/lib/os-release"),
    commandLine,
    efiArchitecture: efiName(context),
    output,
  };
  const files = [stub, parts.kernel, parts.osRelease, ...parts.initrds, ...(section && microcode ? [microcode] : [])];
  // Digests are printed while the image is made, so there are none with one that was made before.
  const derive = digests === undefined ? context.derive : makeAnew;
  await derive(context, {
    what: "Unified kernel image",
    from: () => [kernel.version, commandLine, parts.efiArchitecture, section, files.map(contentDigest)],
    output,
    make: async (own) => runUkify(own, { ...parts, signing: await ukiSigning(own), digests }),
  });
}

/** A "type 1" entry of the Boot Loader Specification: a text file that names kernel and initrds. */
async function installEntry(
  context: TreeContext,
  kernel: Kernel,
  { initrds, microcode, commandLine }: BootFiles,
): Promise<void> {
  const boot = join(context.root, "boot");
  const token = await entryToken(context.root);
  const directory = join(boot, token, kernel.version);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await mkdir(join(boot, "loader/entries"), { recursive: true, mode: 0o700 });
  const vmlinuz = join(directory, "vmlinuz");
  if (await isSigned(context, kernel.path)) await signEfi(context, kernel.path, vmlinuz);
  else await copyFile(kernel.path, vmlinuz);
  const lines = [
    `title ${token} ${kernel.version}`,
    `version ${kernel.version}`,
    `linux /${token}/${kernel.version}/vmlinuz`,
  ];
  if (commandLine !== "") lines.push(`options ${commandLine}`);
  const names = new Set<string>();
  for (const initrd of microcode === undefined ? initrds : [microcode, ...initrds]) {
    // What all kernels share is there once.
    const shared = !basename(initrd).startsWith("kernel-modules-");
    const name = shared
      ? join(token, unused(basename(initrd), names))
      : join(token, kernel.version, "kernel-modules.initrd");
    await copyFile(initrd, join(boot, name));
    lines.push(`initrd /${name}`);
  }
  await writeFile(join(boot, "loader/entries", `${token}-${kernel.version}.conf`), `${lines.join("\n")}\n`, {
    mode: 0o600,
  });
}

/** Whether boot loaders hand the kernel to firmware that checks it. */
async function isSigned(context: TreeContext, path: string): Promise<boolean> {
  return wantsEfi(context) && context.image.config.secureBoot && (await identifyKernel(path)) === "kernel";
}

/** The name, with a number before it when another file has it. */
function unused(name: string, taken: Set<string>): string {
  const free = taken.has(name) ? `${taken.size}-${name}` : name;
  taken.add(free);
  return free;
}
