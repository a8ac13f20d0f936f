// SkeletonTrees= and ExtraTrees=: directories, tar archives and single files copied into the image. What comes from a
// directory belongs to root there, since the owner of a checkout means nothing inside an image; an archive keeps all.

import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { Failure, type Origin } from "../../report/failure.ts";
import { bind, bindReadOnly } from "../../sandbox/spec.ts";
import type { TreeContext } from "../../tools/context.ts";
import type { Step } from "../pipeline.ts";

export const skeletonTrees: Step = {
  title: "Copying skeleton trees",
  applies: ({ image }) => image.config.skeletonTrees.length > 0,
  run: (context) => copyTrees(context, "skeletonTrees"),
};

export const extraTrees: Step = {
  title: "Copying extra trees",
  applies: ({ image }) => image.config.extraTrees.length > 0,
  run: (context) => copyTrees(context, "extraTrees"),
};

/** A source on the host and where it goes inside the image. */
interface Tree {
  readonly source: string;
  readonly target: string | null;
}

const ARCHIVE = /\.(tar|tgz|txz|tzst|tar\.[a-z0-9]+)$/;

/** Copies trees into the image, in order. @throws {Failure} when a source is missing or of no known kind */
async function copyTrees(context: TreeContext, setting: "skeletonTrees" | "extraTrees"): Promise<void> {
  for (const tree of context.image.config[setting]) await copyTree(context, tree, context.image.origin(setting, tree));
}

async function copyTree(context: TreeContext, tree: Tree, origin: Origin | undefined): Promise<void> {
  const source = await stat(tree.source).catch((cause: unknown) => {
    throw new Failure(`the tree ${tree.source} cannot be read: ${(cause as Error).message}`, { origin, cause });
  });
  const target = posix.join("/buildroot", tree.target ?? "/");
  if (source.isDirectory()) return await unpack(context, tree.source, target, directoryScript);
  if (ARCHIVE.test(tree.source)) return await unpack(context, tree.source, target, archiveScript);
  if (tree.target === null) {
    throw new Failure(`the tree ${tree.source} is neither a directory nor a tar archive`, {
      origin,
      remedy:
        "for a single file, say where it goes: SOURCE:/path/in/image (disk images as trees come with a later version)",
    });
  }
  await unpack(context, tree.source, target, fileScript);
}

/** Links that stand for directories in the image (/bin, /lib) stay; so do the modes of directories that are there. */
const EXTRACT =
  "tar --extract --preserve-permissions --numeric-owner --xattrs '--xattrs-include=*' --keep-directory-symlink --no-overwrite-dir";

const directoryScript = `set -o pipefail
mkdir -p "$1"
tar --create --directory=/source --owner=0 --group=0 --numeric-owner --xattrs '--xattrs-include=*' . | ${EXTRACT} --directory="$1"`;
const archiveScript = `mkdir -p "$1"
${EXTRACT} --file=/source --directory="$1"`;
const fileScript = `mkdir -p "$(dirname "$1")"
cp --no-target-directory --preserve=mode,timestamps,xattr /source "$1"
chown 0:0 "$1"`;

async function unpack(context: TreeContext, source: string, target: string, script: string): Promise<void> {
  await context.runner.run({
    argv: ["bash", "-ec", script, "copy-tree", target],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [bindReadOnly(source, "/source"), bind(context.root, "/buildroot")],
  });
}
