// The names of an image's files in the output directory.

import { lstatSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { Config } from "../settings/index.ts";
import { isFileName } from "../settings/types/text.ts";
import { type Compressor, compressionExtension } from "../tools/compress.ts";

/** What may stand beside an image under its name. */
const SUFFIXES = [
  ...[
    "manifest",
    "changelog",
    "SHA256SUMS",
    "SHA256SUMS.gpg",
    "SHA256SUMS.asc",
    "efi",
    "vmlinuz",
    "initrd",
    "kernel-modules-initrd",
  ],
  ...["osrelease", "roothash", "usrhash", "pcrs", "repart.d", "nspawn", "test"],
];

/** The image's file name before it is compressed. */
export function plainName({ output, outputExtension }: Config): string {
  return outputExtension === null || outputExtension === "" ? output : `${output}.${outputExtension}`;
}

/** Formats that are compressed as a whole. The others are no files, or compress what is in them. */
const COMPRESSED: ReadonlySet<Config["format"]> = new Set(["tar", "cpio", "disk", "sysext", "confext", "portable"]);

/** Whether the image is compressed as a whole. */
export function isCompressed<Settings extends Pick<Config, "format" | "compressOutput">>(
  settings: Settings,
): settings is Settings & { readonly compressOutput: Compressor } {
  return settings.compressOutput !== "none" && COMPRESSED.has(settings.format);
}

/** The image's file name; a link under the name of Output= leads to it. */
export function imageName(config: Config): string {
  if (!isCompressed(config)) return plainName(config);
  return `${plainName(config)}.${compressionExtension(config.compressOutput)}`;
}

/**
 * The names in the output directory that belong to an image and are there, what the link under the name of Output=
 * leads to included: it may be of another format or compression.
 */
export function presentOutputs(directory: string, config: Config): readonly string[] {
  const link = join(directory, config.output);
  const target = isLink(link) ? [basename(readlinkSync(link))] : [];
  return [...new Set([...outputNames(config), ...target])].filter(
    (name) => isFileName(name) && lstatSync(join(directory, name), { throwIfNoEntry: false }) !== undefined,
  );
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Every name that a build of this configuration may have left in the output directory. */
export function outputNames(config: Config): readonly string[] {
  const { output } = config;
  const tar = config.compressOutput === "none" ? "tar" : `tar.${compressionExtension(config.compressOutput)}`;
  return [
    ...new Set([
      imageName(config),
      plainName(config),
      output,
      ...[...SUFFIXES, tar].map((suffix) => `${output}.${suffix}`),
    ]),
  ];
}
