// Makes a directory output from the one that it replaces: what is the same in both is shared by hard links. Where that could
// come out otherwise than a copy of the whole tree, it is not done.

import { lstatSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { removeTree } from "../sandbox/remove-tree.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bind } from "../sandbox/spec.ts";
import type { OutputContext } from "../tools/context.ts";
import { BUILDROOT, rootMount, runTool } from "../tools/tool.ts";
import { planUpdate } from "./directory-update.ts";

/** What was packed the last time, and what may be different since. */
export interface FormerDirectory {
  /** The directory, on the file system of the staging directory and below a common parent. */
  readonly path: string;
  /** Its inode, which others do not get as long as it is locked: another one means that it was replaced. */
  readonly inode: number;
  /** As planUpdate() wants them. */
  readonly changed: ReadonlySet<string>;
}

const TAR_OPTIONS = "--numeric-owner --sparse --acls --xattrs '--xattrs-include=*'";

/** tar adds extended attributes to directories that are there, but takes none away: the last lines find that out. */
const UPDATE = `set -o pipefail
cd /work
cp --archive --link --no-target-directory "$1" "$2"
cd "$2"
xargs --null --no-run-if-empty --arg-file=/remove rm --recursive --force --
tar --create --directory=${BUILDROOT} --no-recursion ${TAR_OPTIONS} --null --verbatim-files-from --files-from=/copy |
  tar --extract --delay-directory-restore --preserve-permissions --same-owner ${TAR_OPTIONS}
attributes() {
  xargs --null --no-run-if-empty --arg-file=/directories getfattr --no-dereference --dump --match=- --encoding=hex --
}
[ "$(attributes)" = "$(cd ${BUILDROOT} && attributes)" ]`;

/** @returns false, with nothing left, where the whole tree has to be copied. @throws {CommandFailure} */
export async function updateDirectory(
  context: OutputContext,
  output: string,
  { path, inode, changed }: FormerDirectory,
): Promise<boolean> {
  const plan = planUpdate(context.root, path, changed);
  if (plan === undefined || !plan.copy.every((each) => canBeCopiedAlone(join(context.root, each)))) return false;
  const { remove, copy } = plan;
  const list = (paths: readonly string[]) => paths.map((each) => `./${each}\0`).join("");
  const directories = copy.filter((each) => lstatSync(join(context.root, each)).isDirectory());
  const parent = dirname(path);
  try {
    await runTool(context, {
      argv: ["bash", "-ec", UPDATE, "update", basename(path), relative(parent, output)],
      mounts: [
        rootMount(context, "read-only"),
        bind(parent, "/work"),
        { type: "file", content: list(remove), target: "/remove" },
        { type: "file", content: list(copy), target: "/copy" },
        { type: "file", content: list(directories), target: "/directories" },
      ],
      mayFail: true,
    });
    // Another build may have replaced it meanwhile.
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) return true;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
  }
  context.report.output("The former output cannot be taken as it is: all is copied\n");
  await removeTree(output);
  return false;
}

/** Files with several names belong together, and tar knows no sockets. */
function canBeCopiedAlone(path: string): boolean {
  const status = lstatSync(path);
  return !status.isSocket() && (status.isDirectory() || status.nlink === 1);
}
