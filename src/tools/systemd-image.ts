// The systemd programs that finish a tree by what its packages declare: users, volatile files, enabled units, the
// hardware database. A tree that declares nothing of a kind is left alone.

import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { together } from "../sandbox/together.ts";
import type { TreeContext } from "./context.ts";
import { BUILDROOT, hasTool, requireTool, rootMount, runTool, userMounts } from "./tool.ts";

/** Mounted over in every running system: what tmpfiles.d(5) would put there is lost anyway. */
const VOLATILE = ["/tmp", "/var/tmp", "/run", "/proc", "/sys", "/dev"];
/** DATAERR and CANTCREAT: systemd's own unit for tmpfiles takes them for a success, too. */
const TMPFILES_STATUSES = [65, 73];

/** Creates the system users of sysusers.d(5). @throws {Failure} {CommandFailure} */
export async function runSysusers(context: TreeContext): Promise<void> {
  if (!declares(context, "usr/lib/sysusers.d", "etc/sysusers.d")) return;
  requireTool(context, "systemd-sysusers", "to create the image's system users");
  await runTool(context, { argv: ["systemd-sysusers", `--root=${BUILDROOT}`], mounts: [rootMount(context)] });
}

/** Creates the files of tmpfiles.d(5) that are not on volatile file systems. @throws {Failure} {CommandFailure} */
export async function runTmpfiles(context: TreeContext): Promise<void> {
  if (!declares(context, "usr/lib/tmpfiles.d", "etc/tmpfiles.d")) return;
  requireTool(context, "systemd-tmpfiles", "to create the image's volatile files");
  await runTool(context, {
    argv: [
      ...["systemd-tmpfiles", `--root=${BUILDROOT}`, "--boot", "--create", "--remove"],
      ...VOLATILE.map((path) => `--exclude-prefix=${path}`),
    ],
    // Names in access control lists are not looked up in --root=.
    mounts: [rootMount(context), ...userMounts(context)],
    env: { SYSTEMD_TMPFILES_FORCE_SUBVOL: "0" },
    accepted: TMPFILES_STATUSES,
  });
}

/** Enables and disables units, the system's and the users', as systemd.preset(5) says. @throws {Failure} {CommandFailure} */
export async function runPresets(context: TreeContext): Promise<void> {
  if (!declares(context, "usr/lib/systemd/system", "etc/systemd/system")) return;
  requireTool(context, "systemctl", "to enable the image's units");
  const presetAll = (scope: readonly string[]) =>
    runTool(context, {
      argv: ["systemctl", `--root=${BUILDROOT}`, ...scope, "preset-all"],
      mounts: [rootMount(context)],
    });
  // They write to etc/systemd/system and etc/systemd/user.
  await together([presetAll([]), presetAll(["--global"])]);
}

/**
 * Compiles the hardware database into usr/lib/udev/hwdb.bin. A toolbox without systemd-hwdb leaves it to the image's
 * own one. @throws {CommandFailure}
 */
export async function runHwdb(context: TreeContext): Promise<void> {
  if (!declares(context, "usr/lib/udev/hwdb.d", "etc/udev/hwdb.d")) return;
  const update = (options: readonly string[]) => ["systemd-hwdb", ...options, "--usr", "--strict", "update"];
  if (hasTool(context.toolbox, "systemd-hwdb")) {
    await runTool(context, { argv: update([`--root=${BUILDROOT}`]), mounts: [rootMount(context)] });
  } else if (existsSync(join(context.root, "usr/bin/systemd-hwdb"))) {
    await context.runner.run({ argv: update([]), base: { kind: "image", root: context.root }, output: "log" });
  } else {
    context.report.output("Neither the tools nor the image have systemd-hwdb: the hardware database is not compiled\n");
    return;
  }
  // It would come before the one in /usr.
  await rm(join(context.root, "etc/udev/hwdb.bin"), { force: true });
}

function declares(context: TreeContext, ...directories: readonly string[]): boolean {
  return directories.some((directory) => existsSync(join(context.root, directory)));
}
