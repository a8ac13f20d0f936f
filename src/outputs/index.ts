// Packs a finished tree in the format that the image is configured for, with everything that goes beside it.

import { chmod, copyFile, lstat, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Image } from "../config/project.ts";
import type { InstalledPackage } from "../package-managers/manager.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { isFileName } from "../settings/types/text.ts";
import { checkSignature, signChecksums } from "../signing/openpgp.ts";
import type { Artifact } from "../tools/artifact.ts";
import { compressFile, compressorCommand } from "../tools/compress.ts";
import type { OutputContext } from "../tools/context.ts";
import { createCpio } from "../tools/cpio.ts";
import { createTar } from "../tools/tar.ts";
import { checkBios } from "./bios.ts";
import { writeChecksums } from "./checksum.ts";
import { packDirectory } from "./directory.ts";
import type { FormerDirectory } from "./directory-links.ts";
import { type Disk, type KernelInstaller, packDisk } from "./disk.ts";
import { checkElTorito } from "./el-torito.ts";
import { checkEncryption } from "./encryption.ts";
import { packEsp } from "./esp.ts";
import { type ExtensionFormat, packExtension } from "./extension.ts";
import { hasManifest, writeChangelog, writeManifest } from "./manifest.ts";
import { imageName, plainName } from "./names.ts";
import { checkOci, packOci } from "./oci.ts";
import { splitArtifacts } from "./split.ts";
import { checkVerity } from "./verity.ts";

export type { Artifact } from "../tools/artifact.ts";

type Format = Config["format"];
/** Makes the image in the staging directory; returns its path, then those of other files that came with it. */
type Packer = (context: OutputContext, options: PackOptions) => Promise<readonly [string, ...string[]]>;

const PACKERS: Readonly<Record<Exclude<Format, "none">, Packer>> = {
  disk: async (context, { installKernels }) =>
    compressedDisk(context, await packDisk(context, plainName(context.image.config), installKernels)),
  sysext: (context) => extension(context, "sysext"),
  confext: (context) => extension(context, "confext"),
  portable: (context) => extension(context, "portable"),
  esp: async (context) => {
    const { image, partitions } = await packEsp(context, plainName(context.image.config));
    const others: string[] = [];
    for (const path of partitions) others.push(await compressed(context, path));
    return [image, ...others];
  },
  oci: async (context) => [await packOci(context, plainName(context.image.config))],
  uki: async (_context, options) => [prepared(options)],
  addon: async (_context, options) => [prepared(options)],
  directory: async (context, { former }) => [await packDirectory(context, plainName(context.image.config), former)],
  tar: (context) => archive(context, (output, compressor) => createTar(context, output, compressor)),
  cpio: (context) => archive(context, (output, compressor) => createCpio(context, { output, compressor })),
};

export interface PackOptions {
  /** The installed packages, for ManifestFormat=. */
  readonly packages?: readonly InstalledPackage[];
  /** Files in the staging directory that were made before. */
  readonly also?: readonly Artifact[];
  /** The EFI program in the staging directory that the image consists of. */
  readonly prepared?: string | undefined;
  /** The directory that is going to be replaced, where it is as it was packed. */
  readonly former?: FormerDirectory | undefined;
  /** Puts kernels into the tree of a disk with verity. */
  readonly installKernels?: KernelInstaller;
  /** The directories that may have digests of PCR values. */
  readonly notes?: readonly string[];
}

/**
 * Stops when the image's partition definitions or its format do not go with other settings, or when the image's name is not
 * one of a file.
 * @throws {Failure}
 */
export function checkFormat(image: Image): void {
  const { format, output } = image.config;
  if (!isFileName(output)) {
    // Output= itself is checked when it is read; its default is made of the image's id and version
    throw new Failure(`image ${image.name}: its files cannot be called “${output}”`, {
      origin: image.origin("imageVersion") ?? image.origin("imageId"),
      remedy: "leave out the slash from ImageId= and ImageVersion=, or set Output=",
    });
  }
  if (format === "oci") checkOci(image);
  checkEncryption(image);
  checkElTorito(image);
  checkSignature(image);
  checkVerity(image);
  checkBios(image);
}

/**
 * Packs the tree into the staging directory.
 * @returns everything that is to be moved to the output directory; empty with Format=none
 * @throws {Failure} {CommandFailure}
 */
export async function pack(context: OutputContext, options: PackOptions = {}): Promise<readonly Artifact[]> {
  const { config } = context.image;
  if (config.format === "none") return [];
  const [image, ...others] = await PACKERS[config.format](context, options);
  const partitions = others.map((path): Artifact => ({ path, kind: "split" }));
  const artifacts: Artifact[] = [
    { path: image, kind: "image" },
    ...partitions,
    ...(await splitArtifacts(context, {
      program: config.format === "uki" ? options.prepared : undefined,
      notes: options.notes ?? [],
    })),
    ...(await containerSettings(context)),
    ...(options.also ?? []),
  ];
  if (config.checksum) {
    const files = await onlyFiles(artifacts);
    const checksums = await writeChecksums(context, files);
    artifacts.push({ path: checksums, kind: "checksum" });
    if (config.sign) artifacts.push({ path: await signChecksums(context, checksums), kind: "signature" });
  }
  artifacts.push(...(await manifests(context, options.packages ?? [])));
  if (config.outputMode !== null) {
    for (const path of await onlyFiles(artifacts)) await chmod(path, config.outputMode);
  }
  const link = join(context.staging, config.output);
  if (link !== image) {
    await symlink(basename(image), link);
    artifacts.push({ path: link, kind: "link" });
  }
  return artifacts;
}

async function manifests(context: OutputContext, packages: readonly InstalledPackage[]): Promise<readonly Artifact[]> {
  const { config } = context.image;
  if (!hasManifest(config, packages)) return [];
  const writers = { json: writeManifest, changelog: writeChangelog };
  const made: Artifact[] = [];
  for (const format of new Set(config.manifestFormat))
    made.push({ path: await writers[format](context, packages), kind: "manifest" });
  return made;
}

/** OUTPUT.nspawn, which systemd-nspawn and machinectl read when an image of that name is beside it. */
async function containerSettings({ image: { config }, staging }: OutputContext): Promise<Artifact[]> {
  if (config.nspawnSettings === null) return [];
  const path = join(staging, `${config.output}.nspawn`);
  await copyFile(config.nspawnSettings, path);
  return [{ path, kind: "settings" }];
}

function prepared({ prepared: path }: PackOptions): string {
  if (path === undefined) throw new Error("nobody has made the EFI program");
  return path;
}

async function extension(context: OutputContext, format: ExtensionFormat) {
  return await compressedDisk(context, await packExtension(context, format, plainName(context.image.config)));
}

async function compressedDisk(
  context: OutputContext,
  { image, partitions, rootHash }: Disk,
): Promise<[string, ...string[]]> {
  const others: string[] = [];
  for (const path of partitions) others.push(await compressed(context, path));
  return [await compressed(context, image), ...others, ...(rootHash === undefined ? [] : [rootHash])];
}

/** Archives are compressed while they are written. */
async function archive(
  context: OutputContext,
  create: (output: string, compressor: readonly string[]) => Promise<void>,
): Promise<[string]> {
  const { config } = context.image;
  const compressor = config.compressOutput;
  const output = join(context.staging, imageName(config));
  await create(output, compressor === "none" ? [] : compressorCommand(context, compressor));
  return [output];
}

async function compressed(context: OutputContext, path: string): Promise<string> {
  const compressor = context.image.config.compressOutput;
  return compressor === "none" ? path : await compressFile(context, path, compressor);
}

async function onlyFiles(artifacts: readonly Artifact[]): Promise<string[]> {
  const files: string[] = [];
  for (const { path } of artifacts) if ((await lstat(path)).isFile()) files.push(path);
  return files;
}
