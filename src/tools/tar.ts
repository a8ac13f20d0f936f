// GNU tar: archives of trees that are the same bytes for the same tree, whoever makes them and when.

import { basename, dirname, join } from "node:path";
import { bind } from "../sandbox/spec.ts";
import type { TreeContext } from "./context.ts";
import { BUILDROOT, requireTool, rootMount, runTool } from "./tool.ts";

/** Mounted over or emptied at boot: their content is no part of an image. */
const VOLATILE = ["dev", "proc", "sys", "tmp", "run", "var/tmp"];

/**
 * Archives the image's tree with owners by number, all extended attributes, hard links and holes.
 * @param output file to make
 * @param compressor filter command that the archive goes through
 * @throws {Failure} {CommandFailure}
 */
export async function createTar(
  context: TreeContext,
  output: string,
  compressor: readonly string[] = [],
): Promise<void> {
  requireTool(context, "tar", "to make tar archives");
  await runTool(context, {
    argv: [
      ...["tar", "--create", `--file=${join("/work", basename(output))}`, `--directory=${BUILDROOT}`, "--force-local"],
      ...[
        "--format=pax",
        "--sort=name",
        "--numeric-owner",
        "--sparse",
        "--acls",
        "--selinux",
        "--xattrs",
        "--xattrs-include=*",
      ],
      // When the tree was read says nothing of it, and fractions of a second do not survive every file system.
      "--pax-option=delete=atime,delete=ctime,delete=mtime",
      ...(compressor.length === 0
        ? []
        : [`--use-compress-program=${compressor.filter((word) => word !== "-c").join(" ")}`]),
      "--anchored",
      ...VOLATILE.map((path) => `--exclude=./${path}/*`),
      ".",
    ],
    mounts: [rootMount(context, "read-only"), bind(dirname(output), "/work")],
  });
}
