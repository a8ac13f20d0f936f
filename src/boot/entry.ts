// Names and command lines of boot entries, by the Boot Loader Specification and kernel-install(8).

import type { Image } from "../config/project.ts";
import { isFatName, NOT_IN_FAT } from "../formats/fat-name.ts";
import { parseOsRelease } from "../formats/os-release.ts";
import { Failure } from "../report/failure.ts";
import { rootHash } from "../signing/verity.ts";
import type { TreeContext } from "../tools/context.ts";
import { readInside } from "../tools/inside.ts";

/** What is known of a partition before the kernels are installed: enough for root=PARTUUID. */
export interface PartitionIdentity {
  /** systemd-repart's name of the type: `root-x86-64`. */
  readonly type: string;
  readonly uuid: string;
  /** Of a file system that is protected by verity. */
  readonly roothash?: string;
}

/**
 * What the entries of this image's kernels begin with: etc/kernel/entry-token, else the machine id if it is fixed,
 * else IMAGE_ID or ID of os-release; the order of kernel-install. @throws {Failure} when that is no name of a file
 */
export async function entryToken(root: string): Promise<string> {
  const { token, source } = tokenOf(root);
  if (isFatName(token)) return token;
  throw new Failure(`the image's boot entries cannot be called “${token}”: that is no name of a file`, {
    remedy: `correct /${source} of the image: no slashes, control characters or any of ${NOT_IN_FAT}`,
  });
}

function tokenOf(root: string): { readonly token: string; readonly source: string } {
  const token = readInside(root, "etc/kernel/entry-token")?.split("\n")[0]?.trim();
  if (token) return { token, source: "etc/kernel/entry-token" };
  const machineId = readInside(root, "etc/machine-id")?.trim() ?? "";
  if (/^[0-9a-f]{32}$/.test(machineId)) return { token: machineId, source: "etc/machine-id" };
  const release = parseOsRelease(readInside(root, "etc/os-release") ?? readInside(root, "usr/lib/os-release") ?? "");
  return { token: release.get("IMAGE_ID") || release.get("ID") || "Default", source: "usr/lib/os-release" };
}

/** A kernel's file name in boot/EFI/Linux, without `.efi`: UnifiedKernelImageFormat= with its specifiers replaced. */
export async function entryName(
  context: TreeContext,
  kernelVersion: string,
  partitions: readonly PartitionIdentity[] = [],
): Promise<string> {
  const hash = rootHash(partitions)?.hash;
  const tries = readInside(context.root, "etc/kernel/tries")?.trim();
  const format =
    context.image.config.unifiedKernelImageFormat || `&e-&k${hash === undefined ? "" : "-&h"}${tries ? "+&c" : ""}`;
  const values: Readonly<Record<string, string>> = {
    "&": "&",
    e: await entryToken(context.root),
    k: kernelVersion,
    h: hash ?? "",
    c: tries ?? "",
  };
  return format.replace(/&([&a-zA-Z])/g, (all, specifier: string) => {
    const value = values[specifier];
    if (value === undefined)
      context.report.warning(`UnifiedKernelImageFormat=${format}: ${all} stands for nothing, and is left out`);
    return value ?? "";
  });
}

/** Stops when UnifiedKernelImageFormat= has what no file on a boot partition can be called. @throws {Failure} */
export function checkEntryFormat(image: Image): void {
  const format = image.config.unifiedKernelImageFormat ?? "";
  if (isFatName(`x${format}`)) return;
  throw new Failure(
    `image ${image.name}: UnifiedKernelImageFormat=${format} makes no name of a file on the EFI system partition`,
    {
      origin: image.origin("unifiedKernelImageFormat"),
      remedy: `leave out ${NOT_IN_FAT}`,
    },
  );
}

/**
 * The command line that is built into the image: etc/kernel/cmdline or usr/lib/kernel/cmdline of the tree, then
 * the root hash of a disk with verity, and KernelCommandLine=, where `root=PARTUUID` and `mount.usr=PARTUUID` get the
 * identity of their partition.
 */
export async function kernelCommandLine(
  context: TreeContext,
  partitions: readonly PartitionIdentity[],
): Promise<string> {
  const own =
    readInside(context.root, "etc/kernel/cmdline") ?? readInside(context.root, "usr/lib/kernel/cmdline") ?? "";
  const configured = context.image.config.kernelCommandLine.map((word) => {
    const name = /^(root|mount\.usr)=PARTUUID$/.exec(word)?.[1];
    const prefix = name === "root" ? "root" : "usr";
    const partition = name === undefined ? undefined : partitions.find(({ type }) => type.startsWith(prefix));
    return partition === undefined ? word : `${word}=${partition.uuid}`;
  });
  const hash = rootHash(partitions);
  return [own.trim(), hash === undefined ? "" : `${hash.option}=${hash.hash}`, ...configured]
    .filter((word) => word !== "")
    .join(" ");
}

/** Whether the command line can only be written once the disk's partitions are known. */
export function needsPartitions(context: TreeContext): boolean {
  return context.image.config.kernelCommandLine.some(
    (word) => word === "root=PARTUUID" || word === "mount.usr=PARTUUID",
  );
}
