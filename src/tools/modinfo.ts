// modinfo(8), asked about many modules at once.

import type { TreeContext } from "./context.ts";
import { BUILDROOT, captureTool, requireTool, rootMount } from "./tool.ts";

/** Command lines are limited to 2 MiB. */
const AT_ONCE = 5000;

/** The firmware files that modules name, relative to usr/lib/firmware; they may hold a `*`. @throws {Failure} {CommandFailure} */
export async function moduleFirmware(
  context: TreeContext,
  kernelVersion: string,
  modules: readonly string[],
): Promise<readonly string[]> {
  requireTool(context, "modinfo", "to find the firmware of kernel modules");
  const found = new Set<string>();
  for (let at = 0; at < modules.length; at += AT_ONCE) {
    const output = await captureTool(context, {
      argv: [
        "modinfo",
        `--basedir=${BUILDROOT}`,
        `--set-version=${kernelVersion}`,
        "--field=firmware",
        ...modules.slice(at, at + AT_ONCE),
      ],
      mounts: [rootMount(context, "read-only")],
    });
    for (const line of output.split("\n")) if (line !== "") found.add(line);
  }
  return [...found].toSorted();
}
