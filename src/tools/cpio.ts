// cpio: archives that the kernel unpacks as initrd.

import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { TreeContext } from "./context.ts";
import { BUILDROOT, requireTool, rootMount, runTool } from "./tool.ts";

export interface CpioOptions {
  /** File to make. */
  readonly output: string;
  /** Paths inside the image, relative to its root and in the archive's order; without them the whole tree. */
  readonly paths?: readonly string[];
  /** Filter command that the archive goes through. */
  readonly compressor?: readonly string[];
}

/** All entries below the root, parents first, in an order that no locale changes. */
const LIST_TREE = "find . -mindepth 1 -printf '%P\\0' | LC_ALL=C sort --zero-terminated";
const ARCHIVE = "cpio --create --format=newc --null --reproducible --renumber-inodes --quiet";

/** Archives the image's tree or some of its paths. @throws {Failure} {CommandFailure} */
export async function createCpio(context: TreeContext, options: CpioOptions): Promise<void> {
  requireTool(context, "cpio", "to make cpio archives");
  const { output, paths, compressor = [] } = options;
  const list = join(context.scratch, `${basename(output)}.list`);
  if (paths !== undefined) await writeFile(list, paths.map((path) => `${path}\0`).join(""));
  const source = paths === undefined ? LIST_TREE : "cat /list";
  const filter = compressor.length === 0 ? "" : ' | "$@"';
  await runTool(context, {
    argv: [
      "bash",
      "-o",
      "pipefail",
      "-c",
      `out=$1; shift; cd ${BUILDROOT} && ${source} | ${ARCHIVE}${filter} >"$out"`,
      "bash",
      join("/work", basename(output)),
      ...compressor,
    ],
    mounts: [
      rootMount(context, "read-only"),
      bind(dirname(output), "/work"),
      ...(paths === undefined ? [] : [bindReadOnly(list, "/list")]),
    ],
  });
}
