// Directory outputs: the finished tree itself, with owners, access modes, extended attributes and hard links. On btrfs it
// is a subvolume (UseSubvolumes=), so that whoever uses it can take snapshots.

import { mkdir, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind } from "../sandbox/spec.ts";
import type { OutputContext } from "../tools/context.ts";
import { BUILDROOT, hasTool, requireTool, rootMount, runTool } from "../tools/tool.ts";
import { type FormerDirectory, updateDirectory } from "./directory-links.ts";

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
  if (former !== undefined && !(await wantsSubvolume(context)) && (await updateDirectory(context, output, former)))
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
