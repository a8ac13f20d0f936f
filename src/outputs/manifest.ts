// What ManifestFormat=json writes: which packages the image consists of.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { parseOsRelease } from "../formats/os-release.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import type { OutputContext } from "../tools/context.ts";
import { extensionReleasePath } from "../tools/extension-release.ts";

/** Raised when the format changes so that its readers must know. */
const MANIFEST_VERSION = 1;

/** What extension-release says of an extension. */
async function extensionFields({ image, root }: OutputContext): Promise<Record<string, string>> {
  const path = extensionReleasePath(image.config);
  return path === undefined ? {} : Object.fromEntries(parseOsRelease(await readFile(join(root, path), "utf8")));
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
