// What stands for packages: names and whatever else a package manager knows, which is not looked into here, and files.

import { join } from "node:path";
import { words } from "./text.ts";
import type { ElementType } from "./value.ts";

const FILE = /^[^:]*\/.*\.(?:rpm|d?deb|apk|pkg\.tar(?:\.\w+)?)$/;

/** Whether a package is given as a file of this machine: by a path with the name of a package's file. */
export function isPackageFile(spec: string): boolean {
  return FILE.test(spec);
}

/** Whether it is given by the address of its file. */
export function isPackageUrl(spec: string): boolean {
  return /^\w+:\/\//.test(spec);
}

/** Packages; paths are relative to where the setting stands, like all others. */
export const packageSpecs: ElementType<string> = {
  ...words("packages", "PACKAGE"),
  parse: (text, { directory }) => (isPackageFile(text) && !text.startsWith("/") ? join(directory, text) : text),
};
