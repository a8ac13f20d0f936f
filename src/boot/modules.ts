// The files of a kernel's modules and firmware that a filter asks for, with all that they depend on: for the initrd
// with the modules, and for removing the others from the image.

import { existsSync, type Dirent } from "node:fs";
import { lstat, readdir, readlink, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Failure } from "../report/failure.ts";
import { patternToRegExp } from "../settings/types/glob.ts";
import type { TreeContext } from "../tools/context.ts";
import { moduleFirmware } from "../tools/modinfo.ts";
import { chooseFirmware, chooseModules, imageModuleFilter, isEmptyFilter, type ModuleFilter } from "./module-filter.ts";
import { nameOf, readModuleIndex, withDependencies } from "./module-index.ts";

const FIRMWARE = "usr/lib/firmware";
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
export async function requiredModules(context: TreeContext, kernelVersion: string, filter: ModuleFilter): Promise<ModuleFiles> {
  const directory = join("usr/lib/modules", kernelVersion);
  const present = await modulesIn(join(context.root, directory));
  const firmware = await filesBelow(join(context.root, FIRMWARE));
  const all = filter.modules.length === 0 && filter.modulesExclude.length === 0;
  if (all && firmware.length === 0) return { modules: present.map((path) => join(directory, path)), firmware: [] };
  if (present.length > 0 && !existsSync(join(context.root, directory, "modules.dep"))) {
    throw new Failure(`the modules of kernel ${kernelVersion} have no index (modules.dep), so what they depend on is unknown`);
  }
  const index = await readModuleIndex(join(context.root, directory), present);
  const names = [...withDependencies(index, chooseModules(present, filter).map(nameOf))].toSorted();
  const needed = firmware.length === 0 ? [] : [...index.builtinFirmware, ...(await moduleFirmware(context, kernelVersion, names))];
  const chosen = chooseFirmware(matchFirmware(firmware, needed), firmware, filter);
  const links = await Promise.all(chosen.map((path) => linksTo(context.root, join(FIRMWARE, path))));
  return {
    modules: names.map((name) => join(directory, index.paths.get(name) ?? "")),
    firmware: [...new Set(links.flat())].toSorted(),
  };
}

/** Removes what KernelModules= and its relatives do not keep. True when modules went, and the index must be made anew. */
export async function removeOtherModules(context: TreeContext, kernelVersion: string): Promise<boolean> {
  const filter = imageModuleFilter(context.image.config);
  if (isEmptyFilter(filter)) return false;
  const required = await requiredModules(context, kernelVersion, filter);
  const keep = new Set([...required.modules, ...required.firmware]);
  const directory = join("usr/lib/modules", kernelVersion);
  const modules = (await modulesIn(join(context.root, directory))).map((path) => join(directory, path));
  const firmware = (await filesBelow(join(context.root, FIRMWARE))).filter((path) => !MICROCODE.test(path)).map((path) => join(FIRMWARE, path));
  const surplus = [...modules, ...firmware].filter((path) => !keep.has(path));
  for (const path of surplus) await removeWithParents(context.root, path);
  return surplus.some((path) => MODULE.test(path));
}

/** The paths of a kernel's modules, relative to its directory. */
export async function modulesIn(directory: string): Promise<string[]> {
  return (await filesBelow(directory)).filter((path) => MODULE.test(path));
}

/** Files and symbolic links below a directory, relative to it, sorted. */
async function filesBelow(directory: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Which of the files modules mean: a name may hold a `*`, and files may be compressed. */
function matchFirmware(present: readonly string[], needed: readonly string[]): Set<string> {
  const names = new Set(needed.filter((name) => !name.includes("*")));
  const globs = needed.filter((name) => name.includes("*")).map((name) => ({ expression: patternToRegExp(name), depth: depthOf(name) }));
  return new Set(
    present.filter((path) => {
      const bare = path.replace(/\.(?:gz|xz|zst)$/, "");
      if (names.has(path) || names.has(bare)) return true;
      return globs.some(({ expression, depth }) => depth === depthOf(path) && (expression.test(path) || expression.test(bare)));
    }),
  );
}

function depthOf(path: string): number {
  return path.split("/").length;
}

/** A path with every symbolic link that is followed on the way to it, and where they lead; all relative to the root. */
async function linksTo(root: string, path: string): Promise<string[]> {
  const found: string[] = [];
  const pending = path.split("/");
  let current = "";
  for (let part = pending.shift(); part !== undefined && found.length < 40; part = pending.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      current = dirname(current) === "." ? "" : dirname(current);
      continue;
    }
    const next = join(current, part);
    const status = await lstat(join(root, next)).catch(() => undefined);
    if (status === undefined) return found;
    if (!status.isSymbolicLink()) {
      current = next;
      continue;
    }
    found.push(next);
    const target = await readlink(join(root, next));
    if (target.startsWith("/")) current = "";
    pending.unshift(...target.split("/"));
  }
  return [...found, current];
}

async function removeWithParents(root: string, path: string): Promise<void> {
  await rm(join(root, path), { force: true });
  for (let parent = dirname(path); parent.split("/").length > 3; parent = dirname(parent)) {
    const empty = await rmdir(join(root, parent)).then(() => true, () => false);
    if (!empty) return;
  }
}
