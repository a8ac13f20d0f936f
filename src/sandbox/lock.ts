// Locks between processes: flock(2) on a file, taken by flock(1) on a descriptor that it inherits from us. The lock
// belongs to the open file, so it is ours until we close it, and it goes when we die, however that happens.

import { open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { makeWritableDirectory } from "../report/directories.ts";
import { Failure } from "../report/failure.ts";
import { inherited } from "./descriptor.ts";
import { interruption } from "./interrupt.ts";

export interface LockOptions {
  /** Called once when somebody else holds the lock. */
  readonly onWait?: () => void;
  /** Ends the waiting; the user's Ctrl-C does in any case. */
  readonly signal?: AbortSignal;
}

/** Runs `work` while holding an exclusive lock on the file at `path`, which is made when missing and stays. */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await using _lock = await takeLock(path, options);
  return await work();
}

/** Takes an exclusive lock, waiting as long as it takes; disposing of the result releases it. */
export async function takeLock(path: string, options: LockOptions = {}): Promise<AsyncDisposable> {
  const lock = await tryLock(path);
  if (lock !== undefined) return lock;
  options.onWait?.();
  return (await flock(path, ["--exclusive"], options.signal ?? interruption())) as AsyncDisposable;
}

/** Takes a lock that others can have at the same time, as long as nobody has an exclusive one; waits for that. */
export async function takeSharedLock(path: string): Promise<AsyncDisposable> {
  return (await flock(path, ["--shared"], interruption())) as AsyncDisposable;
}

/** Takes an exclusive lock if it is free; undefined when somebody else holds it. */
export async function tryLock(path: string): Promise<AsyncDisposable | undefined> {
  return await flock(path, ["--exclusive", "--nonblock"]);
}

/** The same with a lock that others can have at the same time; undefined when somebody has an exclusive one. */
export async function trySharedLock(path: string): Promise<AsyncDisposable | undefined> {
  return await flock(path, ["--shared", "--nonblock"]);
}

const held = new Map<string, Promise<AsyncDisposable>>();

/** Takes a shared lock that this process has until its end, or until it drops it. */
export async function holdLock(path: string): Promise<void> {
  const lock = held.get(path) ?? takeSharedLock(path);
  held.set(path, lock);
  await lock;
}

/** Releases a lock that holdLock() has taken. */
export async function dropLock(path: string): Promise<void> {
  const lock = held.get(path);
  held.delete(path);
  await (await lock)?.[Symbol.asyncDispose]();
}

async function flock(
  path: string,
  flags: readonly string[],
  signal?: AbortSignal,
): Promise<AsyncDisposable | undefined> {
  const directory = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (!directory) makeWritableDirectory(dirname(path), "a place for locks");
  const file = await open(path, directory ? "r" : "a");
  const result = await execa("flock", [...flags, "3"], {
    stdio: ["ignore", "ignore", "pipe", inherited(file.fd)],
    reject: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (result.exitCode === 0) return { [Symbol.asyncDispose]: () => file.close() };
  await file.close();
  signal?.throwIfAborted();
  if (result.exitCode === 1 && flags.includes("--nonblock")) return undefined;
  throw new Failure(`cannot lock ${path}: ${result.stderr || result.message}`, {
    remedy: "flock comes with util-linux",
  });
}
