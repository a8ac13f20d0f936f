// The files of a kernel's modules and firmware that a filter asks for, with all that they depend on: for the initrd
// with the modules, and for removing the others from the image.

import { rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import type { TreeContext } from "../tools/context.ts";
import { fileInside, pathInside } from "../tools/inside.ts";
import { moduleFirmware } from "../tools/modinfo.ts";
import { FIRMWARE, filesBelow, firmwareFiles, requiredFirmware } from "./firmware.ts";
import { chooseModules, imageModuleFilter, isEmptyFilter, type ModuleFilter } from "./module-filter.ts";
import { nameOf, readModuleIndex, withDependencies } from "./module-index.ts";

const MODULE = /\.ko(?:\.(?:gz|xz|zst))?$/;
/** Loaded by the boot loader or the kernel itself, not by a module. */
const MICROCODE = /^(?:amd-ucode|intel-ucode)\//;

export interface ModuleFiles {
  /** Paths relative to the tree's root. */
  readonly modules: readonly string[];
  /** With the symbolic links on the way to them. */
  readonly firmware: readonly string[];
}

/**
 * The modules of one kernel that a filter chooses, what they need, and their firmware.
 * @throws {Failure} when the modules are not indexed; {CommandFailure}
 */
export async function requiredModules(
  context: TreeContext,
  kernelVersion: string,
  filter: ModuleFilter,
): Promise<ModuleFiles> {
  const directory = join("usr/lib/modules", kernelVersion);
  const present = await modulesIn(context.root, directory);
  const firmware = await firmwareFiles(context.root);
  const all = filter.modules.length === 0 && filter.modulesExclude.length === 0;
  if (all && firmware.length === 0) return { modules: present.map((path) => join(directory, path)), firmware: [] };
  if (present.length > 0 && fileInside(context.root, join(directory, "modules.dep")) === undefined) {
    throw new Failure(
      `the modules of kernel ${kernelVersion} have no index (modules.dep), so what they depend on is unknown`,
    );
  }
  const index = readModuleIndex(context.root, directory, present);
  const names = [...withDependencies(index, chooseModules(present, filter).map(nameOf))].toSorted();
  const needed =
    firmware.length === 0 ? [] : [...index.builtinFirmware, ...(await moduleFirmware(context, kernelVersion, names))];
  return {
    modules: names.map((name) => join(directory, index.paths.get(name) ?? "")),
    firmware: await requiredFirmware(context.root, firmware, needed, filter),
  };
}

/** Removes what KernelModules= and its relatives do not keep. True when modules went, and the index must be made anew. */
export async function removeOtherModules(context: TreeContext, kernelVersion: string): Promise<boolean> {
  const filter = imageModuleFilter(context.image.config);
  if (isEmptyFilter(filter)) return false;
  const required = await requiredModules(context, kernelVersion, filter);
  const keep = new Set([...required.modules, ...required.firmware]);
  const directory = join("usr/lib/modules", kernelVersion);
  const modules = (await modulesIn(context.root, directory)).map((path) => join(directory, path));
  const firmware = (await firmwareFiles(context.root))
    .filter((path) => !MICROCODE.test(path))
    .map((path) => join(FIRMWARE, path));
  const surplus = [...modules, ...firmware].filter((path) => !keep.has(path));
  for (const path of surplus) await removeWithParents(context.root, path);
  return surplus.some((path) => MODULE.test(path));
}

/** The paths of a kernel's modules, relative to its directory in the tree. */
export async function modulesIn(root: string, directory: string): Promise<string[]> {
  return (await filesBelow(root, directory)).filter((path) => MODULE.test(path));
}

async function removeWithParents(root: string, path: string): Promise<void> {
  // The link itself, if it is one.
  await rm(join(pathInside(root, dirname(path)), basename(path)), { force: true });
  for (let parent = dirname(path); parent.split("/").length > 3; parent = dirname(parent)) {
    const empty = await rmdir(pathInside(root, parent)).then(
      () => true,
      () => false,
    );
    if (!empty) return;
  }
}
