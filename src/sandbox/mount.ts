// Mounts in our own namespace: overlays for layers and a tmpfs for the workspace. They go away with the namespace.

import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { makeDirectory, makeWritableDirectory } from "../report/directories.ts";
import { Failure } from "../report/failure.ts";
import { noSpaceRemedy } from "../report/system-failure.ts";

export interface Overlay {
  /** Directories from the lowest to the topmost. */
  readonly lowers: readonly string[];
  /** Receives the changes; without it the mount is read-only. */
  readonly upper?: string;
  /** An empty directory on the file system of `upper`. */
  readonly work?: string;
  readonly target: string;
}

/** Mounts an overlay; `userxattr` always, so that layers made by root and by a user are alike. */
export async function mountOverlay(overlay: Overlay): Promise<void> {
  const directories = [overlay.target, overlay.upper, overlay.work].filter((path) => path !== undefined);
  for (const path of directories) makeDirectory(path);
  const options = [
    `lowerdir=${overlay.lowers.toReversed().map(escapeLower).join(":")}`,
    ...(overlay.upper === undefined
      ? []
      : [`upperdir=${escapeOption(overlay.upper)}`, `workdir=${escapeOption(overlay.work ?? "")}`]),
    "userxattr",
  ];
  await mount(
    ["-t", "overlay", "overlay", "-o", options.join(","), overlay.target],
    "an overlay of the image's layers",
  );
  if (overlay.upper !== undefined) await refuseReadOnly(overlay);
}

/** Where overlayfs finds no room for what it needs itself, it mounts what nobody can write to, and says so to nobody. */
async function refuseReadOnly({ target, work }: Overlay): Promise<void> {
  try {
    accessSync(target, constants.W_OK);
  } catch (cause) {
    await unmount(target);
    // Most likely this fails for the same reason.
    mkdirSync(join(work ?? "", "room"));
    throw new Failure(`the overlay at ${target} cannot be written to`, {
      remedy: `see what the kernel says about it: dmesg`,
      cause,
    });
  }
}

/** Mounts an empty tmpfs. `size` in bytes. */
export async function mountTmpfs(target: string, size: number): Promise<void> {
  makeWritableDirectory(target, "the cache directory (XDG_CACHE_HOME)");
  await mount(
    ["-t", "tmpfs", "-o", `mode=0755,size=${size},nr_inodes=0`, "tmpfs", target],
    "a tmpfs for the workspace",
  );
}

/** Shows a directory at another place, too. */
export async function mountBind(source: string, target: string): Promise<void> {
  await mount(["--bind", source, target], `${source} at ${target}`);
}

/** Mounts the unified control groups of our cgroup namespace, whatever else of them is mounted on this machine. */
export async function mountControlGroups(target: string): Promise<void> {
  makeDirectory(target);
  await mount(
    ["-t", "cgroup2", "cgroup2", target],
    "the unified control groups, which containers need",
    "the kernel must have cgroup2, and this machine must be allowed to mount it (docker and podman: --privileged)",
  );
}

/** Part of a file that has a file system. */
export interface FileSystemSource {
  readonly path: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** As blkid(8) calls it. */
  readonly type: string;
}

/** A file system that was not unmounted is read as it is: what its journal has is not written to it. */
const UNCHANGED: Readonly<Record<string, string>> = { ext3: ",noload", ext4: ",noload", xfs: ",norecovery,nouuid" };

/**
 * Mounts a file system of an image, to be read only, by a loop device that goes away with the mount. Takes root.
 * @returns false where that is not possible here: no root, no loop devices, a file system that the kernel does not know
 */
export async function mountFileSystem(
  { path, offset, size, type }: FileSystemSource,
  target: string,
): Promise<boolean> {
  makeDirectory(target);
  const options = `ro,loop,offset=${offset},sizelimit=${size}${UNCHANGED[type] ?? ""}`;
  const { failed } = await execa("mount", ["--no-mtab", "-t", type, "-o", options, path, target], {
    ...({ stdin: "ignore", reject: false } as const),
  });
  return !failed;
}

/** Detaches a mount; what still uses it keeps it until it ends. */
export async function unmount(target: string): Promise<void> {
  await execa("umount", ["--lazy", "--no-mtab", target], { stdin: "ignore" });
}

async function mount(
  args: readonly string[],
  what: string,
  remedy = "the kernel must allow overlayfs and tmpfs mounts in a user namespace (Linux 5.11 or newer)",
): Promise<void> {
  // mount(8) since 2.39 hands options to the kernel one by one, each at most 255 bytes long: too short for many layers.
  const env = { LIBMOUNT_FORCE_MOUNT2: "always" };
  const result = await execa("mount", ["--no-mtab", ...args], { stdin: "ignore", reject: false, env });
  if (result.failed) {
    throw new Failure(`cannot mount ${what}: ${result.stderr || result.shortMessage}`, {
      remedy: noSpaceRemedy(result.stderr) ?? remedy,
    });
  }
}

function escapeLower(path: string): string {
  return escapeOption(path).replaceAll(":", "\\:");
}

/** A comma ends an option, for mount(8) not between quotation marks. */
function escapeOption(path: string): string {
  return path.replace(/[\\,"]/g, "\\$&");
}
