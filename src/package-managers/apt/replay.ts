// Does what a plan says, all in one sandbox: dpkg runs with exactly the arguments that apt has given to the recorder.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { aptSpec } from "./command.ts";
import { explained } from "./explain.ts";
import type { InstallationPlan } from "./plan.ts";
import { STATUS_DESCRIPTOR, watchStatus } from "./progress.ts";

const SCRIPT = "/run/mkosi-install";

/** Installs what was planned. @throws {Failure} when a package's files or scripts fail */
export async function replayPlan(context: PackageContext, root: string, plan: InstallationPlan, requests: readonly PackageRequest[]): Promise<void> {
  if (plan.commands.length > 0) await runDpkg(context, root, plan.commands, requests);
  if (plan.extendedStates === undefined) return;
  await mkdir(join(root, "var/lib/apt"), { recursive: true });
  await writeFile(join(root, "var/lib/apt/extended_states"), plan.extendedStates);
}

/** Runs dpkg several times in one sandbox, in which maintainer scripts have what they need. */
export async function runDpkg(
  context: PackageContext,
  root: string,
  commands: readonly (readonly string[])[],
  requests: readonly PackageRequest[],
): Promise<void> {
  const packages = new Set(commands.flat().filter((argument) => argument.endsWith(".deb")));
  await using status = await watchStatus(context, packages.size);
  const script = `set -e\n${commands.map(dpkgLine).join("")}`;
  const spec = aptSpec(context, {
    argv: status.wrapShell(SCRIPT),
    root,
    scripts: true,
    // nobody else works on this tree: dpkg need not leave a lock file for apt in it
    env: { DPKG_FRONTEND_LOCKED: "1" },
    mounts: [{ type: "file", content: script, target: SCRIPT }, status.mount],
  });
  await explained(context, requests, () => context.runner.run(spec));
}

function dpkgLine(command: readonly string[]): string {
  return `dpkg --status-fd ${STATUS_DESCRIPTOR} ${command.map(quote).join(" ")}\n`;
}

function quote(argument: string): string {
  return /^[\w@%+=:,./~-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
