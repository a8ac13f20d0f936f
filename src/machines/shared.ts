// Directories of the host that a machine sees by virtiofs: the root of a directory image, and RuntimeTrees=.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { mountOverlay, unmount } from "../sandbox/mount.ts";
import { bind } from "../sandbox/spec.ts";
import { findInToolbox, inside, type MachineContext, SHARED_INSIDE } from "./context.ts";
import { startHelper } from "./helper.ts";
import type { SharedDirectory } from "./machine.ts";
import { type RuntimeTree, runtimeTrees } from "./trees.ts";

/** Bytes that virtiofs has for a tag. */
const TAG_MAX = 36;

export interface Share extends SharedDirectory {
  /** Where it is mounted in the guest; undefined for the root, which the kernel mounts. */
  readonly mountPoint: string | undefined;
}

interface ShareWish {
  readonly tag: string;
  readonly source: string;
  readonly mountPoint: string | undefined;
  /** Whether the owner of the directory appears as root, and root in the guest writes as that owner. */
  readonly ownerIsRoot: boolean;
}

/** Starts a daemon for each directory. `root`: the tree of a directory image. */
export async function shareDirectories(context: MachineContext, root: string | undefined): Promise<Share[]> {
  const wishes: ShareWish[] = [
    ...(root === undefined ? [] : [{ tag: "root", source: root, mountPoint: undefined, ownerIsRoot: false }]),
    ...runtimeTrees(context.image).map(userTree),
  ];
  return await Promise.all(wishes.map((wish, index) => share(context, wish, index)));
}

function userTree({ source, target: mountPoint }: RuntimeTree): ShareWish {
  if (Buffer.byteLength(mountPoint) > TAG_MAX) {
    throw new Failure(`the path ${mountPoint} is too long for a directory that a machine shares with the host`, {
      remedy: `choose one of at most ${TAG_MAX} bytes`,
    });
  }
  return { tag: mountPoint, source, mountPoint, ownerIsRoot: true };
}

async function share(context: MachineContext, wish: ShareWish, index: number): Promise<Share> {
  const daemon = findInToolbox(context.toolbox, [
    "virtiofsd",
    "/usr/libexec/virtiofsd",
    "/usr/lib/virtiofsd",
    "/usr/lib/qemu/virtiofsd",
  ]);
  if (daemon === undefined) {
    throw new Failure("virtiofsd is not installed, and a machine needs it to see directories of the host", {
      remedy: "install virtiofsd, or use ToolsTree=default",
    });
  }
  const { uid, gid } = await stat(wish.source).catch((cause: unknown) => {
    throw new Failure(`${wish.source}, which the machine is to share, cannot be read: ${(cause as Error).message}`, {
      origin: context.image.origin("runtimeTrees"),
    });
  });
  const owner =
    wish.ownerIsRoot && (uid !== 0 || gid !== 0)
      ? [`--translate-uid=map:0:${uid}:1`, `--translate-gid=map:0:${gid}:1`]
      : [];
  const socket = `shared-${index}`;
  await startHelper(context, {
    name: "virtiofsd",
    argv: [
      ...[daemon, "--shared-dir", SHARED_INSIDE, "--socket-path", inside(socket), "--xattr", "--sandbox=chroot"],
      // QEMU does not announce submounts, and file handles do not work across overlays.
      ...["--no-announce-submounts", "--inode-file-handles=never", "--modcaps=-mknod", "--log-level=error"],
      // Nobody else changes the root while the machine runs.
      ...(wish.mountPoint === undefined ? ["--cache=always"] : []),
      ...owner,
    ],
    mounts: [bind(wish.source, SHARED_INSIDE)],
    socket,
    remedy: "see virtiofsd's words above",
  });
  return { tag: wish.tag, socket: inside(socket), mountPoint: wish.mountPoint };
}

/** The lines of the fstab.extra credential that mount the shares in the guest. */
export function fstabLines(shares: readonly Pick<Share, "tag" | "mountPoint">[]): string {
  return shares
    .flatMap(({ tag, mountPoint }) =>
      mountPoint === undefined ? [] : [`${tag} ${mountPoint} virtiofs x-initrd.mount\n`],
    )
    .join("");
}

export interface RootContext extends Pick<MachineContext, "image" | "directory"> {
  readonly files: Pick<MachineContext["files"], "image">;
}

export interface RootTree extends AsyncDisposable {
  readonly path: string;
}

/**
 * The tree of a directory image: itself, or with Ephemeral= an overlay that takes the changes. Disposing of it unmounts
 * that: nobody may remove the directory of the container or machine through it.
 */
export async function openRootTree({ image: { config }, files: { image }, directory }: RootContext): Promise<RootTree> {
  if (!config.ephemeral) return { path: image, [Symbol.asyncDispose]: async () => {} };
  const path = join(directory, "root");
  await mountOverlay({
    lowers: [image],
    upper: join(directory, "root-changes"),
    work: join(directory, "root-work"),
    target: path,
  });
  return { path, [Symbol.asyncDispose]: () => unmount(path) };
}
