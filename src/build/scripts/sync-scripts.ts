// SyncScripts=: they bring sources up to date before anything else is done, in the surroundings of whoever has called us:
// with network, the caller's environment, and the sockets and keys of the caller's agents.

import { existsSync } from "node:fs";
import { bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import type { ImageBuild } from "../image-build.ts";
import { runScripts } from "./run.ts";

/**
 * Runs the sync scripts of an image.
 * @param cached $CACHED: whether its packages need not be installed
 */
export async function runSyncScripts(build: ImageBuild, cached: boolean): Promise<void> {
  if (build.image.config.syncScripts.length === 0) return;
  await build.report.phase("Running sync scripts", () =>
    runScripts(build, { kind: "sync", cached, env: callerEnvironment(), mounts: surroundings() }),
  );
}

function callerEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Homes have keys of SSH, /run has sockets of its agent and the resolver's files. */
function surroundings(): Mount[] {
  return ["/home", "/run"].filter((path) => existsSync(path)).map((path) => bindReadOnly(path));
}
