// Reads pacman's database of a tree: a directory for each package, with a file of `%FIELD%` blocks.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../manager.ts";
import { INSTALLED } from "./layout.ts";

/** The packages installed in a tree, by name. None when it has no database. */
export async function installedPackages(root: string): Promise<InstalledPackage[]> {
  const directory = join(root, INSTALLED);
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const texts = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => readFile(join(directory, name, "desc"), "utf8")),
  );
  return texts.map(parseDescription).toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Parses a `desc` file. */
export function parseDescription(text: string): InstalledPackage {
  const fields = new Map<string, string>();
  for (const block of text.split(/\n\n+/)) {
    const match = /^%([A-Z0-9]+)%\n(.*)/.exec(block.trimStart());
    if (match?.[1] !== undefined) fields.set(match[1], match[2] ?? "");
  }
  const source = fields.get("BASE");
  return {
    name: fields.get("NAME") ?? "",
    version: fields.get("VERSION") ?? "",
    architecture: fields.get("ARCH") ?? "",
    size: Number(fields.get("SIZE") ?? 0),
    ...(source === undefined ? {} : { source }),
  };
}
