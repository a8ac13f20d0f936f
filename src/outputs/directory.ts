// Directory outputs: the finished tree itself, with owners, access modes, extended attributes and hard links. On btrfs it
// is a subvolume (UseSubvolumes=), so that whoever uses it can take snapshots.

import { mkdir, statfs } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { removeTree } from "../sandbox/remove-tree.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bind } from "../sandbox/spec.ts";
import type { OutputContext } from "../tools/context.ts";
import { BUILDROOT, hasTool, requireTool, rootMount, runTool } from "../tools/tool.ts";
import { planUpdate } from "./directory-update.ts";

const TAR_OPTIONS = "--numeric-owner --sparse --acls --xattrs '--xattrs-include=*'";

/** What was packed the last time, and what may be different since. */
export interface FormerDirectory {
  /** The directory, on the file system of the staging directory and below a common parent. */
  readonly path: string;
  /** As planUpdate() wants them. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Copies the tree out of its layers, by reflinks where the file system can.
 * @param former shares all files that are the same by hard links: it is going to be removed
 * @throws {Failure} {CommandFailure}
 */
export async function packDirectory(
  context: OutputContext,
  name: string,
  former: FormerDirectory | undefined,
): Promise<string> {
  const output = join(context.staging, name);
  if (former !== undefined && !(await wantsSubvolume(context)) && (await update(context, output, former)))
    return output;
  const target = join("/work", basename(output));
  const place = bind(dirname(output), "/work");
  if (await wantsSubvolume(context))
    await runTool(context, { argv: ["btrfs", "subvolume", "create", target], mounts: [place] });
  else await mkdir(output, { recursive: true });
  await runTool(context, {
    argv: ["cp", "--archive", "--no-target-directory", "--reflink=auto", `${BUILDROOT}/.`, target],
    mounts: [rootMount(context, "read-only"), place],
  });
  return output;
}

const UPDATE = `set -o pipefail
cd /work
cp --archive --link --no-target-directory "$1" "$2"
cd "$2"
xargs --null --no-run-if-empty --arg-file=/remove rm --recursive --force --
tar --create --directory=${BUILDROOT} --no-recursion ${TAR_OPTIONS} --null --verbatim-files-from --files-from=/copy |
  tar --extract --preserve-permissions --same-owner ${TAR_OPTIONS}`;

/** Makes the output from the former one; false, with nothing left, where the file system has no hard links. */
async function update(context: OutputContext, output: string, { path, changed }: FormerDirectory): Promise<boolean> {
  const { remove, copy } = planUpdate(context.root, path, changed);
  const list = (paths: readonly string[]) => paths.map((each) => `./${each}\0`).join("");
  const parent = dirname(path);
  const run = runTool(context, {
    argv: ["bash", "-ec", UPDATE, "update", basename(path), relative(parent, output)],
    mounts: [
      rootMount(context, "read-only"),
      bind(parent, "/work"),
      { type: "file", content: list(remove), target: "/remove" },
      { type: "file", content: list(copy), target: "/copy" },
    ],
  });
  return await run.then(
    () => true,
    async (error: unknown) => {
      if (!(error instanceof CommandFailure)) throw error;
      context.report.output("The former output cannot be taken as it is: all is copied\n");
      await removeTree(output);
      return false;
    },
  );
}

/** `f_type` of btrfs in statfs(2). */
const BTRFS_MAGIC = 0x9123683e;

/** UseSubvolumes=yes takes the program; on other file systems there are no subvolumes, and a directory serves as well. */
async function wantsSubvolume(context: OutputContext): Promise<boolean> {
  const { useSubvolumes } = context.image.config;
  if (useSubvolumes === "disabled") return false;
  if (useSubvolumes === "enabled") requireTool(context, "btrfs", "to make subvolumes, as UseSubvolumes=yes asks for");
  const { type } = await statfs(context.staging);
  return type === BTRFS_MAGIC && hasTool(context.toolbox, "btrfs");
}
