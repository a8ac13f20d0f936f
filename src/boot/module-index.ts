// Reads the indexes that depmod makes: what a kernel module needs besides itself. Reading them costs milliseconds,
// where asking modinfo about each module costs seconds.

import { join } from "node:path";
import { readInside } from "../tools/inside.ts";
import { moduleName } from "./module-filter.ts";

export interface ModuleIndex {
  /** All modules by name (with dashes), paths relative to usr/lib/modules/VERSION. */
  readonly paths: ReadonlyMap<string, string>;
  /** By module name: names of what must be loaded before it, and of what it may use (softdep). */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Firmware of what is built into the kernel. */
  readonly builtinFirmware: readonly string[];
  /** What modules built into the kernel may use. */
  readonly builtinNeeds: readonly string[];
}

/** Reads modules.dep, modules.softdep and modules.builtin.modinfo of a tree's directory usr/lib/modules/VERSION. */
export function readModuleIndex(root: string, directory: string, modules: readonly string[]): ModuleIndex {
  const paths = new Map(modules.map((path) => [nameOf(path), path]));
  const needs = new Map<string, string[]>();
  const add = (name: string, needed: readonly string[]) => needs.set(name, [...(needs.get(name) ?? []), ...needed]);
  for (const line of lines(root, join(directory, "modules.dep"))) {
    const [path = "", rest = ""] = line.split(":");
    add(nameOf(path), words(rest).map(nameOf));
  }
  for (const line of lines(root, join(directory, "modules.softdep"))) {
    const [keyword, name, ...needed] = words(line);
    if (keyword === "softdep" && name !== undefined) add(moduleName(name), softDependencies(needed));
  }
  return { paths, needs, ...readBuiltin(root, directory) };
}

/** The modules and everything that they need, however indirectly. Names with dashes; what is not there is left out. */
export function withDependencies(index: ModuleIndex, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...names, ...index.builtinNeeds];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name) || !index.paths.has(name)) continue;
    found.add(name);
    pending.push(...(index.needs.get(name) ?? []));
  }
  return found;
}

/** `kernel/fs/ext4/ext4.ko.xz` is `ext4`. */
export function nameOf(path: string): string {
  return moduleName(path.slice(path.lastIndexOf("/") + 1).replace(/\..*$/, ""));
}

/** Entries are `module.key=value`, separated by NUL characters. */
function readBuiltin(root: string, directory: string) {
  const content = readInside(root, join(directory, "modules.builtin.modinfo")) ?? "";
  const builtinFirmware: string[] = [];
  const builtinNeeds: string[] = [];
  for (const entry of content.split("\0")) {
    const [, key, value = ""] = /^[^.]*\.([^=]*)=(.*)$/s.exec(entry) ?? [];
    if (key === "firmware") builtinFirmware.push(value);
    if (key === "softdep") builtinNeeds.push(...softDependencies(words(value)));
  }
  return { builtinFirmware, builtinNeeds };
}

/** `pre:` and `post:` say when, which does not matter here. */
function softDependencies(list: readonly string[]): string[] {
  return list.filter((word) => !word.endsWith(":")).map(moduleName);
}

function lines(root: string, path: string): string[] {
  const content = readInside(root, path) ?? "";
  return content.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
