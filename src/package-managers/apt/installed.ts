// Reads dpkg's database of a tree, see deb-control(5) and the file's description in dpkg's documentation.

import { readInside } from "../../tools/inside.ts";
import type { InstalledPackage } from "../manager.ts";

/** The packages installed in a tree, by name. None when it has no database. */
export async function installedPackages(root: string): Promise<InstalledPackage[]> {
  return parseStatus(readInside(root, "var/lib/dpkg/status") ?? "");
}

/** Parses dpkg's status file; only packages whose state is `installed` count. */
export function parseStatus(text: string): InstalledPackage[] {
  const packages = text
    .split(/\n\n+/)
    .map(parseRecord)
    .filter((entry) => entry !== undefined);
  return packages.sort((a, b) =>
    a.name === b.name ? compare(a.architecture, b.architecture) : compare(a.name, b.name),
  );
}

function parseRecord(record: string): InstalledPackage | undefined {
  const fields = new Map<string, string>();
  for (const line of record.split("\n")) {
    const match = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) fields.set(match[1], match[2] ?? "");
  }
  const name = fields.get("Package");
  if (name === undefined || !(fields.get("Status") ?? "").endsWith(" installed")) return undefined;
  const source = fields.get("Source")?.replace(/ \(.*$/, "");
  return {
    name,
    version: fields.get("Version") ?? "",
    architecture: fields.get("Architecture") ?? "",
    // Installed-Size is in KiB
    size: Number(fields.get("Installed-Size") ?? 0) * 1024,
    ...(source === undefined ? {} : { source }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
