// Finds the kernels of a tree, and brings those of Debian-like systems to the place where all others have theirs.

import { constants } from "node:fs";
import { copyFile, lstat, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { identifyKernel } from "../formats/pe.ts";
import { compareVersions } from "../formats/version-compare.ts";
import { fileInside, listInside, pathInside } from "../tools/inside.ts";

export interface Kernel {
  /** As `uname -r` prints it. */
  readonly version: string;
  /** The kernel's file, in our own mount namespace. */
  readonly path: string;
}

const MODULES = "usr/lib/modules";
const VERSION = /\d+\.\d+[\w\-.~^+]*/;
/** Some architectures have only an uncompressed one. */
const NAMES = ["vmlinuz", "vmlinux"];

/** The kernels in usr/lib/modules/*, newest first. Unified kernel images among them are not counted. */
export async function findKernels(root: string): Promise<readonly Kernel[]> {
  return await kernelsBy(root, findImage);
}

/** The unified kernel images in usr/lib/modules/*, which distributions put beside a kernel's modules; newest first. */
export async function findPrebuiltImages(root: string): Promise<readonly Kernel[]> {
  return await kernelsBy(root, findUnified);
}

async function kernelsBy(
  root: string,
  find: (root: string, directory: string) => Promise<string | undefined>,
): Promise<readonly Kernel[]> {
  const kernels: Kernel[] = [];
  for (const version of (await kernelVersions(root)).toSorted((a, b) => compareVersions(b, a))) {
    const path = await find(root, join(MODULES, version));
    if (path !== undefined) kernels.push({ version, path });
  }
  return kernels;
}

/** Directories in usr/lib/modules that belong to a kernel, with or without its image. */
export async function kernelVersions(root: string): Promise<readonly string[]> {
  const versions: string[] = [];
  for (const entry of listInside(root, MODULES)) {
    if (!entry.isDirectory()) continue;
    const content = listInside(root, join(MODULES, entry.name));
    // Modules from elsewhere, put there for a kernel that was not installed.
    if (content.some(({ name }) => name !== "updates")) versions.push(entry.name);
  }
  return versions.toSorted();
}

async function findImage(root: string, directory: string): Promise<string | undefined> {
  const names = namesIn(root, directory);
  for (const prefix of NAMES) {
    for (const name of names.filter((candidate) => candidate.startsWith(prefix))) {
      const path = fileInside(root, join(directory, name));
      const kind = path === undefined ? "uki" : await identifyKernel(path).catch(() => "uki");
      if (kind !== "uki") return path;
    }
  }
  return undefined;
}

async function findUnified(root: string, directory: string): Promise<string | undefined> {
  for (const name of namesIn(root, directory).filter((each) => each.endsWith(".efi"))) {
    const path = fileInside(root, join(directory, name));
    if (path !== undefined && (await identifyKernel(path).catch(() => "other")) === "uki") return path;
  }
  return undefined;
}

/** Copies boot/vmlinuz-VERSION to usr/lib/modules/VERSION/vmlinuz where there is none, as other distributions have it. */
export async function placeKernels(root: string): Promise<void> {
  const versions = listInside(root, MODULES)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  for (const type of NAMES) {
    for (const entry of listInside(root, "boot").toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isFile() || !entry.name.startsWith(`${type}-`)) continue;
      const named = VERSION.exec(entry.name.slice(type.length + 1))?.[0];
      const version = named ?? onlyOne(versions.filter((candidate) => VERSION.test(candidate)));
      if (version === undefined || !versions.includes(version)) continue;
      await place(join(pathInside(root, "boot"), entry.name), join(pathInside(root, MODULES), version, type));
    }
  }
}

async function place(source: string, target: string): Promise<void> {
  const present = await lstat(target).catch(() => undefined);
  if (present?.isSymbolicLink() === true && (await readlink(target)).includes("boot/")) await rm(target);
  else if (present !== undefined) return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
}

function onlyOne(versions: readonly string[]): string | undefined {
  return versions.length === 1 ? versions[0] : undefined;
}

function namesIn(root: string, directory: string): readonly string[] {
  return listInside(root, directory)
    .map(({ name }) => name)
    .toSorted();
}
