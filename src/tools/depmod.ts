// The index of a kernel's modules: modprobe finds modules and what they depend on by it.

import type { TreeContext } from "./context.ts";
import { BUILDROOT, requireTool, rootMount, runTool } from "./tool.ts";

/** Indexes the modules of one kernel in usr/lib/modules. @throws {Failure} {CommandFailure} */
export async function runDepmod(context: TreeContext, kernelVersion: string): Promise<void> {
  requireTool(context, "depmod", "to index the image's kernel modules");
  await runTool(context, {
    argv: ["depmod", `--basedir=${BUILDROOT}`, "--all", kernelVersion],
    mounts: [rootMount(context)],
  });
}
