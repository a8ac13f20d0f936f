// The systemd programs that finish a tree by what its packages declare: users, volatile files, enabled units, the
// hardware database. A tree that declares nothing of a kind is left alone.

import { rm } from "node:fs/promises";
import { together } from "../sandbox/together.ts";
import type { TreeContext } from "./context.ts";
import { digestTree } from "./digest.ts";
import { entryInside, pathInside, statusInside, wayInside, waysBelow } from "./inside.ts";
import { BUILDROOT, hasTool, requireTool, rootMount, runTool, userMounts } from "./tool.ts";

/** Mounted over in every running system: what tmpfiles.d(5) would put there is lost anyway. */
const VOLATILE = ["/tmp", "/var/tmp", "/run", "/proc", "/sys", "/dev"];
/** DATAERR and CANTCREAT: systemd's own unit for tmpfiles takes them for a success, too. */
const TMPFILES_STATUSES = [65, 73];

const HARDWARE = ["usr/lib/udev/hwdb.d", "usr/local/lib/udev/hwdb.d", "run/udev/hwdb.d", "etc/udev/hwdb.d"];
/** The image's own compiler of them, and what changes with the library that both are made with. */
const HWDB_PROGRAM = ["usr/bin/systemd-hwdb", "usr/lib/systemd/systemd"];

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
  if (!declares(context, ...HARDWARE)) return;
  const update = (options: readonly string[]) => ["systemd-hwdb", ...options, "--usr", "--strict", "update"];
  const isTool = hasTool(context.toolbox, "systemd-hwdb");
  if (!isTool && statusInside(context.root, "usr/bin/systemd-hwdb") === undefined) {
    context.report.output("Neither the tools nor the image have systemd-hwdb: the hardware database is not compiled\n");
    return;
  }
  await context.derive(context, {
    what: "Hardware database",
    from: () =>
      [...sourcesOf(context.root), ...(isTool ? [] : HWDB_PROGRAM)].map((path) =>
        digestTree(pathInside(context.root, path)),
      ),
    output: pathInside(context.root, "usr/lib/udev/hwdb.bin"),
    async make(own) {
      if (isTool) await runTool(own, { argv: update([`--root=${BUILDROOT}`]), mounts: [rootMount(own)] });
      else await own.runner.run({ argv: update([]), base: { kind: "image", root: own.root }, output: "log" });
    },
  });
  // It would come before the one in /usr.
  await rm(entryInside(context.root, "etc/udev/hwdb.bin"), { force: true });
}

/** The directories of the hardware database, and files that links in them lead to. */
function sourcesOf(root: string): readonly string[] {
  const files: string[] = [];
  waysBelow(root, HARDWARE, ({ end }) => {
    if (statusInside(root, end)?.isFile() === true) files.push(end);
  });
  return [...HARDWARE.map((path) => wayInside(root, path).end), ...files.toSorted()];
}

function declares(context: TreeContext, ...directories: readonly string[]): boolean {
  return directories.some((directory) => statusInside(context.root, directory) !== undefined);
}
