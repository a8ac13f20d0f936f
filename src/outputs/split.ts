// The parts of an image that SplitArtifacts= puts beside it: kernel and initrd for booting it without its boot loader,
// the whole unified kernel image, its PCR values and os-release, the partition definitions, the tree as an archive.

import { copyFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { extractSection, identifyKernel } from "../formats/pe.ts";
import { compareVersions } from "../formats/version-compare.ts";
import { keptPolicyDigests } from "../signing/policy-digests.ts";
import type { Artifact } from "../tools/artifact.ts";
import { compressionExtension, compressorCommand } from "../tools/compress.ts";
import type { OutputContext } from "../tools/context.ts";
import { fileInside, listInside, readInside } from "../tools/inside.ts";
import { joinInitrds } from "../tools/join-initrds.ts";
import { createTar } from "../tools/tar.ts";
import { partitionDefinitions } from "./disk.ts";
import { espDefinitions } from "./esp.ts";
import { extensionDefinitions, isExtensionFormat } from "./extension.ts";

/**
 * Makes the artefacts that SplitArtifacts= names and the tree has.
 * @param program the unified kernel image that the output consists of
 * @param notes directories that may have digests of PCR values
 * @throws {Failure} {CommandFailure} */
export async function splitArtifacts(
  context: OutputContext,
  { program, notes = [] }: { readonly program?: string | undefined; readonly notes?: readonly string[] } = {},
): Promise<readonly Artifact[]> {
  const { config } = context.image;
  const wanted = new Set<string>(config.splitArtifacts);
  const made: Artifact[] = [];
  const add = async (extension: string, make: (path: string) => Promise<boolean>) => {
    const path = join(context.staging, `${config.output}.${extension}`);
    if (await make(path)) made.push({ path, kind: "split" });
  };
  const uki = program ?? (await findUki(context.root));
  const entry = uki === undefined ? newestEntry(context.root) : undefined;
  // Where the output is one, that is there already.
  if (wanted.has("uki") && program === undefined && uki !== undefined) await add("efi", (path) => copy(uki, path));
  if (wanted.has("kernel")) {
    await add("vmlinuz", async (path) => {
      if (uki !== undefined) return await extractSection(uki, ".linux", path);
      const kernel = entry?.kernel ?? newestKernel(context.root);
      return kernel !== undefined && (await copy(kernel, path));
    });
  }
  if (wanted.has("initrd")) {
    await add("initrd", async (path) => {
      if (uki !== undefined) return await extractSection(uki, ".initrd", path);
      if (entry === undefined || entry.initrds.length === 0) return false;
      await joinInitrds(entry.initrds, path);
      return true;
    });
  }
  if (wanted.has("pcrs")) {
    await add("pcrs", async (path) => {
      if (uki !== undefined && (await extractSection(uki, ".pcrsig", path))) return true;
      const digests = keptPolicyDigests([context.scratch, ...notes]);
      return digests !== undefined && (await copy(digests, path));
    });
  }
  if (wanted.has("os-release"))
    await add("osrelease", async (path) => {
      const file = fileInside(context.root, "usr/lib/os-release");
      return file !== undefined && (await copy(file, path));
    });
  if (wanted.has("repart-definitions")) {
    await add("repart.d", async (path) => {
      const directories = await definitionsOf(context);
      // Directories that come first win where names are the same.
      for (const directory of directories.toReversed()) await cp(directory, path, { recursive: true });
      return directories.length > 0;
    });
  }
  if (wanted.has("tar") && config.format !== "tar") await add(...tarOf(context));
  return made;
}

/** The partition definitions that the image was made by, if it has partitions. */
async function definitionsOf(context: OutputContext): Promise<readonly string[]> {
  const { format } = context.image.config;
  if (format === "disk") return await partitionDefinitions(context);
  if (format === "esp") return [await espDefinitions(context)];
  return isExtensionFormat(format) ? [await extensionDefinitions(context, format)] : [];
}

function tarOf(context: OutputContext): [string, (path: string) => Promise<boolean>] {
  const compressor = context.image.config.compressOutput;
  const extension = compressor === "none" ? "tar" : `tar.${compressionExtension(compressor)}`;
  const make = async (path: string) => {
    await createTar(context, path, compressor === "none" ? [] : compressorCommand(context, compressor));
    return true;
  };
  return [extension, make];
}

/** The unified kernel image that is started first: the one that firmware starts, else the newest one. */
async function findUki(root: string): Promise<string | undefined> {
  for (const path of filesIn(root, "efi/EFI/BOOT")) {
    // Behind shim it is called as GRUB would be.
    const file = /\/(?:BOOT|GRUB)[^/]*$/i.test(path) ? fileInside(root, path) : undefined;
    if (file !== undefined && (await identifyKernel(file)) === "uki") return file;
  }
  const newest = filesIn(root, "boot/EFI/Linux", ".efi").at(-1);
  return newest === undefined ? undefined : fileInside(root, newest);
}

/** The kernel of a tree that nothing boots by itself: a directory or an archive that a machine starts directly. */
function newestKernel(root: string): string | undefined {
  for (const version of filesIn(root, "usr/lib/modules").toReversed()) {
    const names = listInside(root, version).map(({ name }) => name);
    const name = names.toSorted().findLast((file) => file.startsWith("vmlinu"));
    const kernel = name === undefined ? undefined : fileInside(root, join(version, name));
    if (kernel !== undefined) return kernel;
  }
  return undefined;
}

interface BootEntry {
  readonly kernel: string;
  readonly initrds: readonly string[];
}

/** The newest entry of the Boot Loader Specification's type 1 in the tree; those of its kernels before any other. */
function newestEntry(root: string): BootEntry | undefined {
  const paths = filesIn(root, "boot/loader/entries", ".conf");
  const versions = listInside(root, "usr/lib/modules").map(({ name }) => name);
  const ofKernels = paths.filter((path) => versions.some((version) => path.endsWith(`-${version}.conf`)));
  const path = ofKernels.at(-1) ?? paths.at(-1);
  const text = path === undefined ? undefined : readInside(root, path);
  if (text === undefined) return undefined;
  // Paths may have blanks in them.
  const lines = text.split("\n").flatMap((line) => [/^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? []]);
  const values = (key: string) =>
    lines
      .filter(([, first]) => first === key)
      .flatMap(([, , value]) => fileInside(root, join("boot", value ?? "")) ?? []);
  const [kernel] = values("linux");
  return kernel === undefined ? undefined : { kernel, initrds: values("initrd") };
}

/** The paths of what a directory of the tree has, the newest version last. */
function filesIn(root: string, directory: string, extension = ""): readonly string[] {
  return listInside(root, directory)
    .map(({ name }) => name)
    .filter((name) => name.endsWith(extension))
    .toSorted(compareVersions)
    .map((name) => join(directory, name));
}

async function copy(source: string, target: string): Promise<true> {
  await copyFile(source, target);
  return true;
}
