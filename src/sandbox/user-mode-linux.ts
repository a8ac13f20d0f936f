// The third way to be root over an image's files, for who has one single id only: the program runs on a Linux kernel of
// its own, which is a program of this user's (User-mode Linux). Owners, devices, capabilities, setuid and mounts are that
// kernel's, and kept in the file systems that it has: one on a file of the user's, and tmpfs. Of this machine it sees what the
// user sees, by hostfs. See <https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html>.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { execa } from "execa";
import { makeWritableDirectory } from "../report/directories.ts";
import { Failure } from "../report/failure.ts";
import { onTerminal, outputWidth, printError } from "../report/print.ts";
import { inherited } from "./descriptor.ts";
import { findProgram } from "./find-program.ts";
import { interruption } from "./interrupt.ts";
import { takeLock } from "./lock.ts";
import { lockedDirectory, removeAbandoned } from "./locked-directory.ts";
import { NAMESPACE_MARK } from "./namespace-mark.ts";
import { lastLines } from "./spawn.ts";
import { LAUNCHER, writeInit } from "./user-mode-init.ts";

/** What the kernel's own processes need on this machine, and where Debian has it. */
const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ["linux.uml", "user-mode-linux"],
  ["libslirp-helper", "libslirp-helper"],
  ["insmod", "kmod"],
  ["ip", "iproute2"],
  ["mke2fs", "e2fsprogs"],
  ["perl", "perl-base"],
  ["setpriv", "util-linux"],
];

/** As large as the file system for trees may become (bytes); what is not used takes no room. */
const DISK_SIZE = 256 * 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
/** Beginning of the names of runs' directories. */
const RUN = "run-";
/** After this time, a kernel that was told to end is ended. */
const SHUT_DOWN_MS = 20_000;

/** Names of programs, with their packages, that are not there. */
export function missingForOwnKernel(): readonly string[] {
  return PROGRAMS.filter(([name]) => findProgram(name) === undefined).map(([name, from]) => `${name} (${from})`);
}

export interface OwnKernelRun {
  /** The command line that runs there. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** By which it knows where it is. */
  readonly mark: string;
  /** The user's cache directory; inside, it is the file system with the trees. */
  readonly cache: string;
}

/**
 * Runs a command as root on a kernel of its own.
 * @returns its exit status
 * @throws {Failure} when that kernel does not start
 */
export async function runOnOwnKernel({ argv, env, mark, cache }: OwnKernelRun): Promise<number> {
  const place = `${cache}-kernel`;
  makeWritableDirectory(place, "the place of the file system for trees");
  makeWritableDirectory(join(cache, "logs"), "the cache directory");
  // One kernel at a time has the file system.
  const onWait = () => printError(`Waiting for another mkosi that uses ${place}`);
  await using _lock = await takeLock(join(place, "lock"), { onWait });
  await removeAbandoned(place, RUN);
  const disk = await treesDisk(place);
  await using run = await lockedDirectory(place, RUN);
  const init = writeInit(run.path, {
    argv,
    env: { ...env, [NAMESPACE_MARK]: mark },
    cwd: process.cwd(),
    cache,
    modules: modulesDirectory(),
    columns: onTerminal() ? outputWidth() : undefined,
  });
  const child = execa("setpriv", ["--pdeathsig", "KILL", "perl", "-e", LAUNCHER, ...kernelArguments(disk, init)], {
    // 1 and 2 have what the kernel says; 3 and 4 are the program's output and errors, 5 is where it hears of signals.
    stdio: ["ignore", "pipe", "pipe", inherited(1), inherited(2), "pipe"],
    // The kernel would take Ctrl-C for a crash.
    detached: true,
    env: { PATH: process.env.PATH ?? "", TMPDIR: memoryDirectory(), HOME: run.path },
    extendEnv: false,
    reject: false,
    buffer: { fd5: false },
    all: true,
  });
  const signals = (child.stdio as readonly unknown[])[5] as Writable;
  signals.on("error", () => {});
  const stop = (name: string) => () => {
    signals.write(`${name}\n`);
    setTimeout(() => child.kill("SIGKILL"), SHUT_DOWN_MS).unref();
  };
  interruption();
  for (const name of ["INT", "TERM", "HUP"] as const) process.on(`SIG${name}`, stop(name));
  const result = await child;
  endGroup(child.pid);
  const status = join(run.path, "status");
  if (existsSync(status)) return Number(readFileSync(status, "utf8"));
  if (interruption().aborted) return 130;
  throw new Failure("the kernel for a build without other users' ids has ended (User-mode Linux)", {
    excerpt: lastLines(result.all, 20),
    remedy: `it needs ptrace or seccomp, and a place for its memory that programs may be run from (${memoryDirectory()}). Subordinate ids are the faster way: mkosi doctor`,
  });
}

function kernelArguments(disk: string, init: string): string[] {
  return [
    findProgram("libslirp-helper") ?? "",
    findProgram("linux.uml") ?? "",
    `mem=${Math.floor(memorySize() / MEBIBYTE)}M`,
    ...["root=/dev/root", "devtmpfs.mount=0", "rootfstype=hostfs", "rootflags=/", "rw", "quiet", "seccomp=auto"],
    ...["con=null", "con0=null,fd:2", "con1=null,fd:3", "con2=null,fd:4", "con3=fd:5,null"],
    ...[`ubd0=${disk}`, `init=${init}`, `uml_dir=${dirname(init)}/`],
  ];
}

/** Most of what is free, here and where the kernel keeps its memory: a file. */
function memorySize(): number {
  const { bavail, bsize } = statfsSync(memoryDirectory());
  return Math.min(availableMemory() * 0.6, bavail * bsize * 0.8);
}

function availableMemory(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"));
  return match === null ? freemem() : Number(match[1]) * 1024;
}

/** /dev/shm where it is large enough and programs may be run from it, as in no container of docker's; else a disk. */
function memoryDirectory(): string {
  const shm = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .findLast(([, target]) => target === "/dev/shm");
  if (shm === undefined || shm[3]?.split(",").includes("noexec") === true) return "/var/tmp";
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize >= availableMemory() * 0.5 ? "/dev/shm" : "/var/tmp";
}

/** Where overlay.ko is: beside the program, for its version. */
function modulesDirectory(): string {
  const parent = join(dirname(findProgram("linux.uml") ?? "/usr/bin/linux.uml"), "../lib/uml/modules");
  const version = existsSync(parent) ? readdirSync(parent).toSorted().at(-1) : undefined;
  if (version === undefined)
    throw new Failure(`the modules of linux.uml are not in ${parent}`, { remedy: "install user-mode-linux again" });
  return join(parent, version);
}

/** The file with the file system for trees; made when it is missing. */
async function treesDisk(place: string): Promise<string> {
  const path = join(place, "trees.ext4");
  if (existsSync(path)) return path;
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const result = await execa(
    findProgram("mke2fs") ?? "mke2fs",
    ["-q", "-t", "ext4", "-E", "nodiscard,lazy_itable_init=1", "-m", "0", unfinished, String(DISK_SIZE / 1024) + "k"],
    { stdin: "ignore", reject: false },
  );
  if (result.failed) throw new Failure(`cannot make ${path}: ${result.stderr || result.shortMessage}`);
  renameSync(unfinished, path);
  return path;
}

/** What is left of the kernel's processes, which are a process group. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of them have ended.
  }
}
