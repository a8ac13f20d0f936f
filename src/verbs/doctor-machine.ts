// What `mkosi doctor` finds out about the machine, whatever the project.

import { existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import type { PackageManagerName } from "../facts/distributions.ts";
import { FILE_SYSTEMS } from "../facts/file-systems.ts";
import { installCommand } from "../facts/host-packages.ts";
import { KVM_DEVICE, kvmUsable } from "../machines/accelerator.ts";
import { systemdManagesHost } from "../machines/container/host.ts";
import type { Failure } from "../report/failure.ts";
import { formatBytes } from "../report/quantity.ts";
import { findProgram } from "../sandbox/find-program.ts";
import { tryNamespace } from "../sandbox/namespace.ts";

export interface Finding {
  readonly topic: string;
  /** `error`: building is impossible. `warning`: something of it is. `note`: it could be better. */
  readonly level: "ok" | "note" | "warning" | "error";
  readonly text: string;
  readonly remedy?: string | undefined;
}

/** Which way of building this user has. */
export async function modeFindings(): Promise<readonly Finding[]> {
  const { username, uid } = userInfo();
  const { failure, otherwise } = await tryNamespace();
  const who = uid === 0 ? "as root" : `as user ${username}, with subordinate ids`;
  const mode: Finding =
    failure === undefined
      ? { topic: "mode", level: "ok", text: `building works ${who}` }
      : withoutNamespace(failure, otherwise);
  return [mode, ...restrictions(uid, mode.level === "error")];
}

/** @param missing for building on a kernel of one's own; undefined: that would not be done */
function withoutNamespace({ message, details }: Failure, missing: readonly string[] | undefined): Finding {
  const { remedy } = details;
  if (missing === undefined) return { topic: "mode", level: "error", text: message, remedy };
  if (missing.length === 0)
    return {
      topic: "mode",
      level: "note",
      text: `building works on a kernel of its own, some times slower: ${message}`,
      remedy,
    };
  const other = `or, for builds on a kernel of its own, install ${missing.join(", ")}`;
  return { topic: "mode", level: "error", text: message, remedy: `${remedy ?? ""}; ${other}` };
}

/** Kernel settings that keep users from having namespaces, with the value that does so. */
const RESTRICTIONS = [
  [
    "kernel/apparmor_restrict_unprivileged_userns",
    "1",
    "0",
    "AppArmor restricts user namespaces (Ubuntu 24.04 and newer)",
  ],
  ["kernel/unprivileged_userns_clone", "0", "1", "user namespaces are for root only"],
  ["user/max_user_namespaces", "0", "15000", "there may be no user namespaces"],
] as const;

function restrictions(uid: number, isInTheWay: boolean): readonly Finding[] {
  return RESTRICTIONS.flatMap(([name, bad, good, text]): Finding[] => {
    if (readText(`/proc/sys/${name}`) !== bad) return [];
    const key = name.replace("/", ".");
    return [
      {
        topic: "mode",
        level: uid !== 0 && isInTheWay ? "error" : "note",
        text: `${text}${uid === 0 ? ": users other than root may not be able to build" : ""}`,
        remedy: `as root: sysctl -w ${key}=${good}   (a file in /etc/sysctl.d/ with ${key}=${good} makes it permanent)`,
      },
    ];
  });
}

/** What we run on this machine itself, outside of any sandbox. */
const PROGRAMS = ["bwrap", "unshare", "mount", "flock", "setpriv", "stty"];

export function programFindings(manager: PackageManagerName | undefined): readonly Finding[] {
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return [{ topic: "programs", level: "ok", text: `${PROGRAMS.join(", ")} are there` }];
  const remedy = installCommand(missing, manager);
  return [{ topic: "programs", level: "error", text: `missing: ${missing.join(", ")}`, remedy }];
}

/** What machines and containers need. */
export async function runtimeFindings(): Promise<readonly Finding[]> {
  return [kvm(), vsock(), await controlGroups()];
}

function kvm(): Finding {
  if (kvmUsable()) return { topic: "kvm", level: "ok", text: `${KVM_DEVICE} can be used` };
  return existsSync(KVM_DEVICE)
    ? {
        topic: "kvm",
        level: "note",
        text: `${KVM_DEVICE} cannot be opened: machines are emulated, which takes ten times as long`,
        remedy: "as root: chmod 666 /dev/kvm (permanently by tmpfiles.d: see mkosi documentation environment)",
      }
    : {
        topic: "kvm",
        level: "note",
        text: `there is no ${KVM_DEVICE}: machines are emulated, which takes ten times as long`,
        remedy: "load the module kvm_intel or kvm_amd; in a virtual machine, allow nested virtualization",
      };
}

function vsock(): Finding {
  if (existsSync("/dev/vhost-vsock")) return { topic: "vsock", level: "ok", text: "/dev/vhost-vsock is there" };
  return {
    topic: "vsock",
    level: "note",
    text: "there is no /dev/vhost-vsock: vhost-device-vsock of the tools tree stands in, where that has it",
    remedy: "as root: modprobe vhost_vsock",
  };
}

async function controlGroups(): Promise<Finding> {
  const topic = "control groups";
  if (await systemdManagesHost()) return { topic, level: "ok", text: "systemd manages them, in one hierarchy" };
  return readText("/proc/filesystems")?.includes("\tcgroup2") === true
    ? { topic, level: "ok", text: "systemd does not manage them: containers get one that mkosi makes" }
    : {
        topic,
        level: "warning",
        text: "the kernel has no unified hierarchy: boot and shell do not work",
        remedy: "use a kernel with cgroup2",
      };
}

/** Below this much (bytes) an image of usual size does not fit. */
const ROOMY = 5 * 1024 ** 3;

/** What the file system of a directory means for building. @param hasLayers whether overlays are made there */
export async function placeFinding(topic: string, path: string, hasLayers: boolean): Promise<Finding> {
  const { type, bavail, bsize } = await statfs(nearest(path));
  const facts = FILE_SYSTEMS[type];
  const free = bavail * bsize;
  const text = `${path}: ${formatBytes(free)} free (${facts?.name ?? `file system ${type.toString(16)}`})`;
  if (hasLayers && facts?.trouble !== undefined)
    return { topic, level: "warning", text: `${text}: ${facts.trouble}`, remedy: `set another directory for ${topic}` };
  return free < ROOMY
    ? { topic, level: "warning", text: `${text}: most images need more`, remedy: "make room, or set another directory" }
    : { topic, level: "ok", text };
}

function nearest(path: string): string {
  return existsSync(path) || path === "/" ? path : nearest(dirname(path));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
