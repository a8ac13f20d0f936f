// What is noted about a running machine for `mkosi ssh`: in the place and form of the original, so that either finds
// the other's. The directory belongs to one user and is gone with the next boot.

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { writeWhole } from "../report/whole-file.ts";
import type { MachineContext } from "./context.ts";

/** How ssh gets to a machine. */
export interface SshProxy {
  /** Value of ssh's option ProxyCommand; it has ssh's `%p`. */
  readonly command: string;
  /** Whether the command hands a connected socket over instead of passing on what is said (ProxyUseFdpass). */
  readonly passesDescriptor: boolean;
}

export interface MachineRecord {
  readonly machine: string;
  /** Who runs it. */
  readonly process: number;
  readonly proxy: SshProxy;
  /** The private key that lets one in, absolute; null: whatever ssh finds by itself. */
  readonly key: string | null;
}

/** The directory of the records, made when missing; undefined where this user has none for a session's files. */
export async function recordsDirectory(
  uid: number,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const runtime = uid === 0 ? "/run" : (environment["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`);
  const directory = join(runtime, "mkosi/machine");
  return await mkdir(directory, { recursive: true, mode: 0o700 }).then(
    () => directory,
    () => undefined,
  );
}

/** Lets `mkosi ssh` find a machine that is being started, until the result is disposed of. */
export async function recordMachine(
  { image: { config }, records, say }: Pick<MachineContext, "image" | "records" | "say">,
  proxy: SshProxy | undefined,
): Promise<AsyncDisposable | undefined> {
  if (proxy === undefined || records === undefined) return undefined;
  const machine = config.machine ?? config.output;
  const record = await keepRecord(records, { machine, process: process.pid, proxy, key: config.sshKey });
  if (record === undefined) say(`Another machine named ${machine} runs: mkosi ssh reaches that one (see Machine=)`);
  return record;
}

/**
 * Notes a machine until the result is disposed of.
 * @returns undefined when another one of that name runs, whose record stays
 */
export async function keepRecord(directory: string, record: MachineRecord): Promise<AsyncDisposable | undefined> {
  if ((await readRecord(directory, record.machine)) !== undefined) return undefined;
  const file = fileOf(directory, record.machine);
  const { machine, process, proxy, key } = record;
  await writeWhole(
    file,
    `${JSON.stringify({
      Machine: machine,
      Pid: process,
      ProxyCommand: proxy.command,
      ProxyUseFdpass: proxy.passesDescriptor,
      SshKey: key,
    })}\n`,
  );
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** What is noted about the machine of that name; undefined when none runs. @throws {Failure} when it cannot be read */
export async function readRecord(directory: string, machine: string): Promise<MachineRecord | undefined> {
  const file = fileOf(directory, machine);
  if (!existsSync(file)) return undefined;
  try {
    const { Pid, ProxyCommand, ProxyUseFdpass, SshKey } = JSON.parse(await readFile(file, "utf8"));
    if (typeof Pid !== "number" || typeof ProxyCommand !== "string") throw new Error("it is no record of a machine");
    // Left by one that was killed.
    if (!(await hasWritten(Pid, file))) {
      await rm(file, { force: true });
      return undefined;
    }
    const proxy = { command: ProxyCommand, passesDescriptor: ProxyUseFdpass === true };
    return { machine, process: Pid, proxy, key: typeof SshKey === "string" ? SshKey : null };
  } catch (cause) {
    throw new Failure(`${file} cannot be understood: ${(cause as Error).message}`, {
      remedy: "remove it, and start the machine again",
      cause,
    });
  }
}

/** Times of processes are in ticks; the clock may have been set meanwhile, by a little. Milliseconds. */
const TOLERANCE_MS = 2000;
const TICKS_PER_SECOND = 100;

/** Whether a process runs that can have written the file: one that is younger has only got the same number. */
async function hasWritten(pid: number, file: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (status === undefined) return false;
  // The name in parentheses may have anything in it; the start is field 22.
  const ticks = Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[19]);
  const boot = Number(/^btime (\d+)$/m.exec(await readFile("/proc/stat", "utf8"))?.[1]) * 1000;
  return boot + (ticks / TICKS_PER_SECOND) * 1000 <= (await stat(file)).mtimeMs + TOLERANCE_MS;
}

function fileOf(directory: string, machine: string): string {
  return join(directory, `${machine.replaceAll("/", "-")}.json`);
}
