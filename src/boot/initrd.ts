// The initrd with one kernel's modules: it comes after the initrd that is the same for all kernels.

import { copyFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import type { Artifact } from "../tools/artifact.ts";
import { compressorCommand } from "../tools/compress.ts";
import type { OutputContext, TreeContext } from "../tools/context.ts";
import { createCpio } from "../tools/cpio.ts";
import { identityOf } from "../tools/derived.ts";
import { listInside } from "../tools/inside.ts";
import { findKernels } from "./kernels.ts";
import { initrdModuleFilter } from "./module-filter.ts";
import { requiredModules } from "./modules.ts";

/**
 * Makes the initrd with the modules of one kernel that KernelInitrdModules= chooses, their firmware and their index.
 * @returns the archive's path in the scratch directory; the same one when it was made before
 * @throws {Failure} {CommandFailure}
 */
export async function buildModulesInitrd(context: TreeContext, kernelVersion: string): Promise<string> {
  const output = join(context.scratch, `kernel-modules-${kernelVersion}.initrd`);
  if (await stat(output).catch(() => undefined)) return output;
  const { modules, firmware } = await requiredModules(context, kernelVersion, initrdModuleFilter(context.image.config));
  const directory = join("usr/lib/modules", kernelVersion);
  const namesIn = (path: string) => listInside(context.root, path).map(({ name }) => name);
  const index = namesIn(directory).filter((name) => name.startsWith("modules"));
  const vdso = namesIn(join(directory, "vdso"));
  const files = [
    ...modules,
    ...firmware,
    ...index.map((name) => join(directory, name)),
    ...vdso.map((name) => join(directory, "vdso", name)),
  ];
  const paths = withParents(files);
  await context.derive(context, {
    what: "Initrd with kernel modules",
    from: () => Promise.all(paths.map((path) => identityOf(context, path))),
    output,
    make: (own) => createCpio(own, { output, paths, compressor: compressor(own, modules) }),
  });
  return output;
}

/** Puts the newest kernel's modules initrd beside the image, when SplitArtifacts= asks for it. */
export async function splitModulesInitrd(context: OutputContext): Promise<readonly Artifact[]> {
  const { config } = context.image;
  const [newest] = await findKernels(context.root);
  if (!config.splitArtifacts.includes("kernel-modules-initrd") || newest === undefined) return [];
  const path = join(context.staging, `${config.output}.kernel-modules-initrd`);
  await copyFile(await buildModulesInitrd(context, newest.version), path);
  return [{ path, kind: "split" }];
}

/** Modules that are compressed already are not compressed again; all kernels of deb distributions can unpack zstd. */
function compressor(context: TreeContext, modules: readonly string[]): readonly string[] {
  const { packageManager } = DISTRIBUTIONS[context.image.config.distribution];
  return packageManager === "apt" && modules.some((path) => path.endsWith(".ko"))
    ? compressorCommand(context, "zstd")
    : [];
}

/** The kernel makes no directories by itself, so each must come before what is in it. */
function withParents(paths: readonly string[]): string[] {
  const all = new Set(paths);
  for (const path of paths) {
    for (let parent = dirname(path); parent !== "." && !all.has(parent); parent = dirname(parent)) all.add(parent);
  }
  return [...all].toSorted((a, b) => (a < b ? -1 : 1));
}
