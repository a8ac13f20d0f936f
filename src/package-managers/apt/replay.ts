// Does what a plan says, all in one sandbox: dpkg runs with exactly the arguments that apt has given to the recorder.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requestMounts } from "../given-files.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explained } from "./explain.ts";
import type { InstallationPlan } from "./plan.ts";
import { STATUS_DESCRIPTOR, watchStatus } from "./progress.ts";

const SCRIPT = "/run/mkosi-install";

/** Installs what was planned. @throws {Failure} when a package's files or scripts fail */
export async function replayPlan(
  context: PackageContext,
  root: string,
  plan: InstallationPlan,
  requests: readonly PackageRequest[],
): Promise<void> {
  if (plan.commands.length > 0)
    await runScript(context, root, plan.commands.map(dpkgLine).join(""), plan.files.length, requests);
  if (plan.extendedStates === undefined) return;
  await mkdir(join(root, "var/lib/apt"), { recursive: true });
  await writeFile(join(root, "var/lib/apt/extended_states"), plan.extendedStates);
}

/**
 * Runs a shell script that runs dpkg, in a sandbox in which maintainer scripts have what they need.
 * @param packages how many the script installs
 */
export async function runScript(
  context: PackageContext,
  root: string,
  script: string,
  packages: number,
  requests: readonly PackageRequest[],
): Promise<void> {
  await using status = await watchStatus(context, packages);
  const spec = aptSpec(context, {
    argv: status.wrapShell(SCRIPT),
    root,
    scripts: true,
    // nobody else works on this tree: dpkg need not leave a lock file for apt in it
    env: { DPKG_FRONTEND_LOCKED: "1" },
    mounts: [{ type: "file", content: `set -e\n${script}`, target: SCRIPT }, status.mount, ...requestMounts(requests)],
  });
  await explained(context, requests, () => context.runner.run(spec));
}

/** A dpkg run as a line of such a script. */
export function dpkgLine(command: readonly string[]): string {
  return `dpkg --status-fd ${STATUS_DESCRIPTOR} ${command.map(quote).join(" ")}\n`;
}

function quote(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
