// Containers need somebody who keeps their control groups. Where systemd is process 1 it does, and systemd-machined knows
// of them. Elsewhere (in other containers, on CI machines) a control group of our own serves.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { readdir, readFile, rmdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Image } from "../../config/project.ts";
import { Failure } from "../../report/failure.ts";
import { mountControlGroups, unmount } from "../../sandbox/mount.ts";
import { bind, type Mount } from "../../sandbox/spec.ts";

/** `f_type` of cgroup2 in statfs(2). */
const CGROUP2_MAGIC = 0x63677270;
const CONTROL_GROUPS = "/sys/fs/cgroup";
const PREFIX = "mkosi-";
const ENDS_WITHIN_MS = 2000;

/** How many containers this process has made ready for. */
let groups = 0;

/** What systemd-nspawn finds on this machine. */
export interface ContainerHost extends AsyncDisposable {
  /** systemd-nspawn asks systemd for a scope unit, else it stays in our own control group. */
  readonly scope: boolean;
  readonly mounts: readonly Mount[];
  /** Calls what starts systemd-nspawn; what it starts before it returns is in the container's control group. */
  inGroup<T>(start: () => T): T;
}

/** Whether systemd is process 1, and has all control groups in the one hierarchy that systemd-nspawn takes. */
export async function systemdManagesHost(): Promise<boolean> {
  if (!existsSync("/run/systemd/system")) return false;
  const { type } = await statfs(CONTROL_GROUPS).catch(() => ({ type: 0 }));
  return type === CGROUP2_MAGIC;
}

/** Whether the container is to be known to systemd-machined. @throws {Failure} when it must be, and cannot */
export function registers(image: Image, systemd: boolean): boolean {
  const { register } = image.config;
  const machined = systemd && existsSync("/usr/lib/systemd/systemd-machined");
  if (register === "enabled" && !machined) {
    throw new Failure(
      systemd
        ? "Register=yes needs systemd-machined, which is not installed"
        : "Register=yes needs systemd-machined, and this machine was not booted with systemd and unified control groups",
      { origin: image.origin("register"), remedy: "set Register=auto: the container then runs without it" },
    );
  }
  return register !== "disabled" && machined;
}

/**
 * Makes this machine ready for one container.
 * @param directory of the container
 */
export async function openHost(directory: string): Promise<ContainerHost> {
  if (await systemdManagesHost())
    return { scope: true, mounts: [], inGroup: (start) => start(), [Symbol.asyncDispose]: async () => {} };
  const hierarchy = join(directory, "control-groups");
  await mountControlGroups(hierarchy);
  try {
    const parent = join(hierarchy, await ownGroup());
    await removeAbandoned(parent);
    groups += 1;
    return inGroups(hierarchy, parent, join(parent, `${PREFIX}${process.pid}-${groups}`));
  } catch (error) {
    await unmount(hierarchy);
    throw error;
  }
}

/** @param parent where we are, and return to @param own the container's, which is made when it starts */
function inGroups(hierarchy: string, parent: string, own: string): ContainerHost {
  return {
    scope: false,
    // A /run of its own: what systemd-nspawn notes there is nobody else's business.
    mounts: [bind(hierarchy, CONTROL_GROUPS), { type: "tmpfs", target: "/run" }],
    inGroup(start) {
      enterGroup(own);
      try {
        return start();
      } finally {
        // Several containers run at once, and each has a group of its own.
        moveTo(parent);
      }
    },
    async [Symbol.asyncDispose]() {
      await endGroup(own);
      // Before the container's directory is removed: control groups are directories that can be, too.
      await unmount(hierarchy);
    },
  };
}

/** Our place in the unified hierarchy, from the root of our cgroup namespace. */
async function ownGroup(): Promise<string> {
  const lines = (await readFile("/proc/self/cgroup", "utf8")).split("\n");
  return lines.find((line) => line.startsWith("0::"))?.slice("0::".length) ?? "/";
}

/** Another mkosi that starts may take our group for abandoned as long as we are not in it. */
function enterGroup(group: string, attempts = 5): void {
  mkdirSync(group, { recursive: true });
  try {
    moveTo(group);
  } catch (error) {
    if (attempts === 0 || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    enterGroup(group, attempts - 1);
  }
}

/** Moves us, so that whatever we start begins there. Nothing else of ours may happen until we are back. */
function moveTo(group: string): void {
  writeFileSync(join(group, "cgroup.procs"), String(process.pid));
}

/** Groups of runs that were killed: neither mkosi nor systemd-nspawn, which keeps to `supervisor`, is in them any more. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const group = join(parent, name);
    if ((await isEmpty(group)) && (await isEmpty(join(group, "supervisor")))) await endGroup(group);
  }
}

async function isEmpty(group: string): Promise<boolean> {
  return (await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "")) === "";
}

/** Ends what a systemd-nspawn that was killed has left running, and removes the group. */
async function endGroup(group: string): Promise<void> {
  await writeFile(join(group, "cgroup.kill"), "1").catch(() => {}); // older kernels have none
  const deadline = Date.now() + ENDS_WITHIN_MS;
  for (await removeGroup(group); existsSync(group) && Date.now() < deadline; await removeGroup(group)) await delay(10);
}

/** Removes a control group with those below it, as far as nothing runs in them. */
async function removeGroup(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(group, entry.name));
  await rmdir(group).catch(() => {});
}
