// SkeletonTrees=, ExtraTrees= and SandboxTrees=: directories, tar archives, disk images and single files that are copied. What comes
// from a directory belongs to root there, since the owner of a checkout means nothing inside an image; the others keep all.

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { posix } from "node:path";
import type { Image } from "../../config/project.ts";
import { Failure, type Origin } from "../../report/failure.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import { bind, bindReadOnly } from "../../sandbox/spec.ts";
import type { TreeContext } from "../../tools/context.ts";
import type { Step } from "../pipeline.ts";

export const skeletonTrees: Step = {
  title: "Copying skeleton trees",
  setting: "skeletonTrees",
  applies: ({ image }) => image.config.skeletonTrees.length > 0,
  run: (context) => copyTrees(context, "skeletonTrees"),
};

export const extraTrees: Step = {
  title: "Copying extra trees",
  setting: "extraTrees",
  applies: ({ image }) => image.config.extraTrees.length > 0,
  run: (context) => copyTrees(context, "extraTrees"),
  looksAt: async () => [],
};

const SETTINGS = ["skeletonTrees", "extraTrees", "sandboxTrees"] as const;
type TreeSetting = (typeof SETTINGS)[number];

/** `root`: what they are copied into. */
type CopyContext = Pick<TreeContext, "image" | "runner" | "toolbox" | "root">;

/** A source on the host and where it goes inside the image. */
interface Tree {
  readonly source: string;
  readonly target: string | null;
}

const DISK_IMAGE = ".raw";
const ARCHIVE = /\.(tar|tgz|txz|tzst|tar\.[a-z0-9]+)$/;

/** Copies trees into the image, in order. @throws {Failure} when a source is missing or of no known kind */
export async function copyTrees(context: CopyContext, setting: TreeSetting): Promise<void> {
  for (const tree of context.image.config[setting]) await copyTree(context, tree, context.image.origin(setting, tree));
}

async function copyTree(context: CopyContext, tree: Tree, origin: Origin | undefined): Promise<void> {
  const source = await sourceStatus(tree, origin);
  const unpack = (script: string) => runScript(context, tree, script, origin);
  if (source.isDirectory()) return await unpack(directoryScript);
  if (ARCHIVE.test(tree.source)) return await unpack(archiveScript);
  if (tree.source.endsWith(DISK_IMAGE)) return await runScript(context, tree, diskTreeScript, origin, LOOP_DEVICES);
  if (tree.target === null) {
    throw new Failure(
      `the tree ${tree.source} is neither a directory nor a tar archive nor a disk image (${DISK_IMAGE})`,
      {
        origin,
        remedy: "for a single file, say where it goes: SOURCE:/path/in/image",
      },
    );
  }
  await unpack(fileScript);
}

/**
 * Unpacks a base tree into the image's, with all owners. @throws {Failure} when it is of no known kind, or broken
 */
export async function copyBaseTree(context: TreeContext, path: string): Promise<void> {
  const origin = context.image.origin("baseTrees", path);
  const tree = { source: path, target: null };
  if ((await sourceStatus(tree, origin)).isDirectory())
    return await runScript(context, tree, ownedDirectoryScript, origin);
  if (ARCHIVE.test(path)) return await runScript(context, tree, ownedArchiveScript, origin);
  if (path.endsWith(DISK_IMAGE)) return await runScript(context, tree, diskScript, origin, LOOP_DEVICES);
  throw new Failure(`the base tree ${path} is neither a directory nor a tar archive nor a disk image (${DISK_IMAGE})`, {
    origin,
    remedy: "give it the extension of what it is, or unpack it before",
  });
}

/** Links that stand for directories in the image (/bin, /lib) stay. */
export const EXTRACT =
  "tar --extract --preserve-permissions --numeric-owner --xattrs '--xattrs-include=*' --keep-directory-symlink";
/** So do the modes of directories that are there. */
const MERGE = `${EXTRACT} --no-overwrite-dir`;

const directoryScript = `set -o pipefail
mkdir -p "$1"
tar --create --directory=/source --owner=0 --group=0 --numeric-owner --xattrs '--xattrs-include=*' . | ${MERGE} --directory="$1"`;
const archiveScript = `mkdir -p "$1"
${MERGE} --file=/source --directory="$1"`;
const fileScript = `mkdir -p "$(dirname "$1")"
cp --no-target-directory --preserve=mode,timestamps,xattr /source "$1"
chown 0:0 "$1"`;

const ownedDirectoryScript = `set -o pipefail
tar --create --directory=/source --numeric-owner --sparse --acls --xattrs '--xattrs-include=*' . |
  ${EXTRACT} --acls --directory=/buildroot`;
const ownedArchiveScript = `${EXTRACT} --acls --file=/source --directory=/buildroot`;
const WITHOUT_VERITY = "export SYSTEMD_DISSECT_VERITY_EMBEDDED=no SYSTEMD_DISSECT_VERITY_SIDECAR=no";
const diskTreeScript = `set -o pipefail
${WITHOUT_VERITY}
mkdir -p "$1"
systemd-dissect --read-only --with /source tar --create --exclude=./lost+found --numeric-owner --sparse --acls --xattrs '--xattrs-include=*' . |
  ${MERGE} --acls --directory="$1"`;
const diskScript = `${WITHOUT_VERITY}
systemd-dissect --copy-from /source / /buildroot`;
/** systemd-dissect mounts the image. */
const LOOP_DEVICES = ["/dev"];

async function runScript(
  context: CopyContext,
  tree: Tree,
  script: string,
  origin: Origin | undefined,
  devices: readonly string[] = [],
): Promise<void> {
  const target = posix.join("/buildroot", posix.join("/", tree.target ?? ""));
  const run = context.runner.run({
    argv: ["bash", "-ec", script, "copy-tree", target],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [bindReadOnly(tree.source, "/source"), bind(context.root, "/buildroot")],
    devices,
  });
  await run.catch((cause: unknown) => {
    if (!(cause instanceof CommandFailure)) throw cause;
    const remedy =
      cause.details.remedy ??
      `see what ${devices.length === 0 ? "tar" : "systemd-dissect"} says above: it must be a whole ${devices.length === 0 ? "archive" : "disk image"}, with nothing outside of the tree in it`;
    throw new Failure(`the tree ${tree.source} cannot be copied into the image`, {
      ...cause.details,
      origin,
      remedy,
      cause,
    });
  });
}

async function sourceStatus(tree: Tree, origin: Origin | undefined): Promise<Stats> {
  return await stat(tree.source).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === "ENOENT" ? "does not exist" : `cannot be read: ${cause.message}`;
    throw new Failure(`the tree ${tree.source} ${problem}`, {
      origin,
      remedy: "correct the path, or remove it from the configuration",
      cause,
    });
  });
}

/**
 * Checks before anything is built that the trees of an image are there.
 * @param made outputs of this build: they may come to be later
 */
export async function checkTrees(image: Image, made: readonly string[]): Promise<void> {
  for (const setting of SETTINGS) {
    for (const tree of image.config[setting]) {
      if (made.some((output) => tree.source.startsWith(output))) continue;
      await sourceStatus(tree, image.origin(setting, tree));
    }
  }
}
