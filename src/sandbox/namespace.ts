// Re-executes the program once in a mount namespace of its own (root), in a user and mount namespace with 65536 ids (a user
// who has them), or on a kernel of its own (who has one single id). Node has threads, so it cannot unshare itself: unshare(1)
// does it on the way.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, userInfo } from "node:os";
import { execa } from "execa";
import { ExitStatus, Failure } from "../report/failure.ts";
import { findProgram } from "./find-program.ts";
import { interruption, watchParent } from "./interrupt.ts";
import { NAMESPACE_MARK } from "./namespace-mark.ts";
import { endMarked, RUN_MARK, takeRunMark } from "./run-mark.ts";
import { userCache } from "./user-cache.ts";
import { missingForOwnKernel, runOnOwnKernel } from "./user-mode-linux.ts";

/** Descriptor of the pipe to the outer process. */
const PARENT_PIPE = 3;
/** Ids that an image needs. */
const IDS = 65536;
/** At the end of the mark: the program is on a kernel of its own. */
const OWN_KERNEL = ":own-kernel";
/** The environment variable that asks for one by `kernel`, also where this user has all ids. */
const FORCED = "MKOSI_NAMESPACE_MODE";

export interface Caller {
  /** Ids of the user who called us, outside the namespace. */
  readonly uid: number;
  readonly gid: number;
  readonly umask: number;
  /** Whether we run on a kernel of our own, whose owners the files of this machine do not keep. */
  readonly hasOwnKernel: boolean;
}

let caller: Caller | undefined;

/** Who called us, seen from outside the namespace. */
export function callerIds(): Caller {
  return caller ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, umask: 0o022, hasOwnKernel: false };
}

/**
 * Returns inside the namespace. In the process that was started first it runs the inner one and then throws the
 * ExitStatus to end with.
 * @throws {Failure} when this machine does not let this user have such a namespace
 */
export async function enterNamespace(): Promise<void> {
  const mark = process.env[NAMESPACE_MARK];
  if (mark === undefined) throw new ExitStatus(await runInside());
  delete process.env[NAMESPACE_MARK];
  takeRunMark();
  interruption();
  const [uid = 0, gid = 0] = mark.split(":").map(Number);
  const hasOwnKernel = mark.endsWith(OWN_KERNEL);
  // That kernel ends with its parent, and we with it.
  if (!hasOwnKernel) watchParent(PARENT_PIPE).write("ready\n");
  // Trees must not depend on the caller's umask.
  const umask = process.umask(0o022);
  caller = { uid, gid, umask, hasOwnKernel };
}

async function runInside(): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  const ids = `${uid}:${process.getgid?.() ?? 0}`;
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const lack = uid === 0 ? rootLacks() : userLacks();
  if (lack !== undefined || process.env[FORCED] === "kernel") {
    const missing = missingForOwnKernel();
    if (missing.length > 0) throw withoutKernel(lack, missing);
    return await runOnOwnKernel({ argv, env, mark: `${ids}${OWN_KERNEL}`, cache: userCache(uid) });
  }
  const flags = uid === 0 ? ROOT_FLAGS : USER_FLAGS;
  const run = randomUUID();
  const child = execa("unshare", [...flags, ...argv], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...env, [NAMESPACE_MARK]: ids, [RUN_MARK]: run },
    extendEnv: false,
    reject: false,
    buffer: false,
  });
  let ready = false;
  child.stdio[PARENT_PIPE]?.once("data", () => {
    ready = true;
  });
  const signal = interruption();
  // The terminal sends Ctrl-C to both of us; what is sent to this process alone must be passed on, each time: the inner
  // one may go on after the first.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => child.kill(name));
  // An unshare(1) that fails leaves a process behind which holds our pipe open for ever.
  child.once("exit", () => setTimeout(() => child.stdio[PARENT_PIPE]?.destroy(), 1000).unref());
  const result = await child;
  if (result.signal !== undefined) endMarked(run);
  if (!ready && !signal.aborted) throw noNamespace(uid);
  // By a signal it ends before it has got ready for signals, or when somebody kills it.
  return result.exitCode ?? (result.signal === undefined ? 1 : 128 + constants.signals[result.signal]);
}

const ROOT_FLAGS = ["--mount", "--propagation", "slave"];
const USER_FLAGS = ["--user", "--map-auto", "--map-root-user", ...ROOT_FLAGS];

/** Why a namespace cannot have all ids, and what would help. */
interface Lack {
  readonly message: string;
  readonly remedy: string;
}

function rootLacks(): Lack | undefined {
  const mapped = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  const ids = mapped.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2] ?? 0), 0);
  if (ids >= IDS) return undefined;
  return {
    message: `this container gives its root only ${ids} user ids, and an image needs ${IDS}`,
    remedy: "start the container with a full id range (podman: --userns=keep-id:size=65536 or --userns=host)",
  };
}

function userLacks(): Lack | undefined {
  const { username, uid } = userInfo();
  for (const [file, option] of [
    ["/etc/subuid", "--add-subuids"],
    ["/etc/subgid", "--add-subgids"],
  ] as const) {
    if (subordinateIds(file, username, uid) < IDS) {
      return {
        message: `user ${username} has no ${IDS} subordinate ids in ${file}, which building without root needs`,
        remedy: `as root: usermod ${option} 524288-589823 ${username}   (any free range of ${IDS} ids will do), or run mkosi as root`,
      };
    }
  }
  if (findProgram("newuidmap") !== undefined && findProgram("newgidmap") !== undefined) return undefined;
  return {
    message: "newuidmap and newgidmap are not installed, and building without root needs them",
    remedy: "as root: apt install uidmap (Fedora, openSUSE, Arch: shadow or shadow-utils), or run mkosi as root",
  };
}

/** @param missing for the slower way without those ids */
function withoutKernel(lack: Lack | undefined, missing: readonly string[]): Failure {
  const install = `without any of that, builds on a kernel of its own, which needs ${missing.join(", ")}`;
  return new Failure(lack?.message ?? "there are no programs for a kernel of our own", {
    remedy: lack === undefined ? install : `${lack.remedy}; ${install}`,
  });
}

/** How many ids the first range of a user has, as subuid(5) says; 0 without one. */
function subordinateIds(file: string, username: string, uid: number): number {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch {
    return 0;
  }
  const ranges = content.split("\n").map((line) => line.split(":"));
  return Number(ranges.find(([owner]) => owner === username || owner === String(uid))?.[2] ?? 0);
}

/** @param said by unshare(1); undefined: the user has seen it */
function noNamespace(uid: number, said?: string): Failure {
  const words = said === undefined ? "the message above is unshare's" : said.trim();
  return new Failure(`this machine does not let us have a namespace (${words})`, {
    remedy:
      uid === 0
        ? "run with CAP_SYS_ADMIN (podman and docker: --privileged, or --cap-add SYS_ADMIN with --security-opt seccomp=unconfined)"
        : "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 and newer kernel.apparmor_restrict_unprivileged_userns=0), or run mkosi as root",
  });
}

/** What must be possible in the namespace: a tmpfs, and an overlay with its own attributes on it. */
const TRIAL = `echo namespace
mount -t tmpfs tmpfs /tmp && mkdir /tmp/lower /tmp/upper /tmp/work /tmp/tree
mount -t overlay overlay -o lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work,userxattr /tmp/tree && echo overlay`;

export interface NamespaceTrial {
  /** Whether this user can build: has a namespace with all ids, and overlays in it. */
  readonly namespace: boolean;
  readonly overlay: boolean;
  /** What is in the way. */
  readonly failure?: Failure;
  /** Without the ids: programs that building on a kernel of our own lacks; undefined where that is not tried. */
  readonly otherwise?: readonly string[];
}

/** Tries whether this user can have a namespace to build in. Nothing of it is left. */
export async function tryNamespace(): Promise<NamespaceTrial> {
  const uid = process.getuid?.() ?? 0;
  const lack = uid === 0 ? rootLacks() : userLacks();
  if (lack !== undefined) {
    const { message, remedy } = lack;
    return {
      namespace: false,
      overlay: false,
      failure: new Failure(message, { remedy }),
      otherwise: missingForOwnKernel(),
    };
  }
  const flags = uid === 0 ? ROOT_FLAGS : USER_FLAGS;
  const { stdout, stderr } = await execa("unshare", [...flags, "sh", "-c", TRIAL], { stdin: "ignore", reject: false });
  const lines = stdout.split("\n");
  const [namespace, overlay] = [lines.includes("namespace"), lines.includes("overlay")];
  if (!namespace) return { namespace, overlay, failure: noNamespace(uid, stderr) };
  if (overlay) return { namespace, overlay };
  const remedy = "the kernel must allow overlayfs and tmpfs mounts there (Linux 5.11 or newer)";
  return { namespace, overlay, failure: new Failure(`an overlay cannot be mounted: ${stderr}`, { remedy }) };
}
