// What ManifestFormat=json writes: which packages the image consists of.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { parseOsRelease } from "../formats/os-release.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import type { OutputContext } from "../tools/context.ts";
import { extensionReleasePath } from "../tools/extension-release.ts";
import { readInside } from "../tools/inside.ts";

/** Raised when the format changes so that its readers must know. */
const MANIFEST_VERSION = 1;

/** What extension-release says of an extension. */
async function extensionFields({ image, root }: OutputContext): Promise<Record<string, string>> {
  const path = extensionReleasePath(image.config);
  return path === undefined ? {} : Object.fromEntries(parseOsRelease(readInside(root, path) ?? ""));
}

/** Whether there is anything to tell. */
export function hasManifest({ format }: Config, packages: readonly InstalledPackage[]): boolean {
  return packages.length > 0 || format === "sysext" || format === "confext";
}

/** Writes OUTPUT.manifest. @returns its path */
export async function writeManifest(context: OutputContext, packages: readonly InstalledPackage[]): Promise<string> {
  const { config } = context.image;
  const type = DISTRIBUTIONS[config.distribution].packageType;
  const manifest = {
    manifest_version: MANIFEST_VERSION,
    config: {
      name: config.imageId ?? "image",
      distribution: config.distribution,
      architecture: config.architecture,
      output_format: config.format,
      ...(config.imageVersion === null ? {} : { version: config.imageVersion }),
      ...(config.release === null ? {} : { release: config.release }),
    },
    packages: packages
      .map(({ name, version, architecture, size }) => ({ type, name, version, architecture, size }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    extension: await extensionFields(context),
  };
  const path = join(context.staging, `${config.output}.manifest`);
  await writeFile(path, JSON.stringify(manifest, undefined, 2));
  return path;
}

const LINE = "-".repeat(80);

/** Writes OUTPUT.changelog, a report for people: the packages by the sources they are made from. @returns its path */
export async function writeChangelog(context: OutputContext, packages: readonly InstalledPackage[]): Promise<string> {
  const sources = new Map<string, InstalledPackage[]>();
  for (const each of packages.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const source = each.source ?? each.name;
    sources.set(source, [...(sources.get(source) ?? []), each]);
  }
  const size = (some: readonly InstalledPackage[]) => some.reduce((sum, each) => sum + each.size, 0);
  const parts = [...sources].map(([source, some]) => {
    const names = some.map(({ name }) => name).join(" ");
    const changelog = some.find((each) => each.changelog !== undefined)?.changelog;
    const about = `SourcePackage: ${source}\nPackages:      ${names}\nSize:          ${size(some)}\n`;
    return `\n${LINE}\n${about}${changelog === undefined ? "" : `\nChangelog:\n${changelog}\n`}`;
  });
  const path = join(context.staging, `${context.image.config.output}.changelog`);
  await writeFile(path, `Packages: ${packages.length}\nSize:     ${size(packages)}${parts.join("")}`);
  return path;
}
