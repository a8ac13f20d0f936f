// "Type 1" entries of the Boot Loader Specification: a text file that names a kernel and its initrds.

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { identifyKernel } from "../formats/pe.ts";
import { signEfi } from "../signing/efi.ts";
import type { TreeContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import type { Devicetree } from "./devicetrees.ts";
import { entryToken } from "./entry.ts";
import type { Kernel } from "./kernels.ts";
import { wantsEfi } from "./wanted.ts";

export interface BootFiles {
  /** In the order in which the kernel unpacks them. */
  readonly initrds: readonly string[];
  /** Initrds with nothing else in them, which come first. */
  readonly microcode: readonly string[];
  readonly commandLine: string;
  /** Undefined: the kernel is started by nothing that could give it one. */
  readonly devicetree: Devicetree | undefined;
}

/** What an entry consists of, as paths on the partition. */
export interface BootEntry {
  readonly title: string;
  readonly kernel: string;
  readonly initrds: readonly string[];
  readonly devicetree: string | undefined;
  readonly commandLine: string;
}

/** Copies the files below boot/ of the tree, and writes the entry. */
export async function installEntry(context: TreeContext, kernel: Kernel, files: BootFiles): Promise<BootEntry> {
  const { microcode, commandLine } = files;
  const inBoot = (path: string) => pathInside(context.root, join("boot", path));
  const token = await entryToken(context.root);
  const own = join(token, kernel.version);
  await mkdir(inBoot(own), { recursive: true, mode: 0o700 });
  await mkdir(inBoot("loader/entries"), { recursive: true, mode: 0o700 });
  const vmlinuz = inBoot(join(own, "vmlinuz"));
  if (await isChecked(context, kernel.path)) await signEfi(context, kernel.path, vmlinuz);
  else await copyFile(kernel.path, vmlinuz);
  const title = `${token}-${kernel.version}`;
  const lines = [`title ${token} ${kernel.version}`, `version ${kernel.version}`, `linux /${own}/vmlinuz`];
  if (commandLine !== "") lines.push(`options ${commandLine}`);
  const names = new Set<string>();
  const initrds: string[] = [];
  for (const initrd of [...microcode, ...files.initrds]) {
    // What all kernels share is there once.
    const shared = dirname(initrd) !== context.scratch || !basename(initrd).startsWith("kernel-modules-");
    const name = shared ? join(token, unused(basename(initrd), names)) : join(own, "kernel-modules.initrd");
    await copyFile(initrd, inBoot(name));
    initrds.push(`/${name}`);
  }
  lines.push(...initrds.map((path) => `initrd ${path}`));
  const devicetree = files.devicetree === undefined ? undefined : `/${join(own, files.devicetree.name)}`;
  if (files.devicetree !== undefined && devicetree !== undefined) {
    await mkdir(dirname(inBoot(devicetree)), { recursive: true, mode: 0o700 });
    await copyFile(files.devicetree.path, inBoot(devicetree));
    lines.push(`devicetree ${devicetree}`);
  }
  await writeFile(inBoot(`loader/entries/${title}.conf`), `${lines.join("\n")}\n`, { mode: 0o600 });
  return { title, kernel: `/${own}/vmlinuz`, initrds, devicetree, commandLine };
}

/** Whether boot loaders hand the kernel to firmware that checks it. */
async function isChecked(context: TreeContext, path: string): Promise<boolean> {
  return wantsEfi(context) && context.image.config.secureBoot && (await identifyKernel(path)) === "kernel";
}

/** The name, with a number before it when another file has it. */
function unused(name: string, taken: Set<string>): string {
  const free = taken.has(name) ? `${taken.size}-${name}` : name;
  taken.add(free);
  return free;
}
