// Reads apk's database of a tree: records of `X:value` lines, with an empty line after each.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstalledPackage } from "../manager.ts";
import { INSTALLED } from "./layout.ts";

/** The packages installed in a tree, by name. None when it has no database. */
export async function installedPackages(root: string): Promise<InstalledPackage[]> {
  const text = await readFile(join(root, INSTALLED), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return parseInstalled(text);
}

/** Parses the database; a letter is a field, see Alpine's page “Apk spec”. */
export function parseInstalled(text: string): InstalledPackage[] {
  const packages = text.split(/\n\n+/).flatMap((record) => {
    const fields = new Map(record.split("\n").map((line) => [line.slice(0, 1), line.slice(2)] as const));
    const name = fields.get("P");
    if (name === undefined) return [];
    const source = fields.get("o");
    return {
      name,
      version: fields.get("V") ?? "",
      architecture: fields.get("A") ?? "",
      size: Number(fields.get("I") ?? 0),
      ...(source === undefined ? {} : { source }),
    };
  });
  return packages.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
