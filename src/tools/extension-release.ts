// extension-release.NAME: by it systemd-sysext and systemd-confext tell whether an extension fits a system (see
// os-release(5)).

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseOsRelease } from "../formats/os-release.ts";
import type { Config } from "../settings/index.ts";
import type { TreeContext } from "./context.ts";
import { pathInside, readInside } from "./inside.ts";

/** Where an extension can be used, unless Environment= says otherwise. */
const SCOPE = "initrd system portable";

/** Where the file of an extension is, relative to its tree; undefined for what is none. */
export function extensionReleasePath({ format, output }: Config): string | undefined {
  if (format !== "sysext" && format !== "confext") return undefined;
  return `${format === "sysext" ? "usr/lib" : "etc"}/extension-release.d/extension-release.${output}`;
}

/** Writes the file from what the base trees say of themselves; fields that the project has set in it stay. */
export async function writeExtensionRelease({ image: { config }, root }: TreeContext): Promise<void> {
  const path = extensionReleasePath(config);
  if (path === undefined) return;
  const file = pathInside(root, path);
  const prefix = config.format === "sysext" ? "SYSEXT" : "CONFEXT";
  const base = parseOsRelease(readInside(root, "etc/os-release") ?? readInside(root, "usr/lib/os-release") ?? "");
  const own = parseOsRelease(readInside(root, path) ?? "");
  const fields = {
    ID: base.get("ID") ?? "_any",
    [`${prefix}_LEVEL`]: base.get(`${prefix}_LEVEL`),
    VERSION_ID: base.get("VERSION_ID"),
    [`${prefix}_ID`]: config.imageId,
    [`${prefix}_VERSION_ID`]: config.imageVersion,
    [`${prefix}_SCOPE`]: config.environment[`${prefix}_SCOPE`] ?? SCOPE,
    ARCHITECTURE: config.architecture,
  };
  const all = new Map(own);
  for (const [name, value] of Object.entries(fields)) if (value && !all.has(name)) all.set(name, value);
  await mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await writeFile(file, [...all].map(([name, value]) => `${name}=${value}\n`).join(""), { mode: 0o644 });
}
