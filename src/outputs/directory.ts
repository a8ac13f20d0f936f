// Directory outputs: the finished tree itself, with owners, access modes, extended attributes and hard links.

import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bind } from "../sandbox/spec.ts";
import type { OutputContext } from "../tools/context.ts";
import { BUILDROOT, rootMount, runTool } from "../tools/tool.ts";

/** Copies the tree out of its layers, by reflinks where the file system can. @throws {CommandFailure} */
export async function packDirectory(context: OutputContext, name: string): Promise<string> {
  const output = join(context.staging, name);
  await mkdir(output, { recursive: true });
  await runTool(context, {
    argv: [
      "cp",
      "--archive",
      "--no-target-directory",
      "--reflink=auto",
      `${BUILDROOT}/.`,
      join("/work", basename(output)),
    ],
    mounts: [rootMount(context, "read-only"), bind(dirname(output), "/work")],
  });
  return output;
}
