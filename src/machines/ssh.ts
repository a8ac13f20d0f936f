// Logs in to a running machine by ssh, over its vsock, as soon as it answers there.

import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../report/failure.ts";
import type { Runner, Toolbox } from "../sandbox/spec.ts";
import { runWithTerminal, setVariables } from "../sandbox/with-terminal.ts";
import { findInToolbox } from "./context.ts";
import type { MachineRecord, SshProxy } from "./record.ts";

const PROXY = "/usr/lib/systemd/systemd-ssh-proxy";

/** How ssh gets to a machine by the kernel's vsock; socat does it where systemd is older than 256. */
export function kernelProxy(toolbox: Toolbox, cid: number): SshProxy {
  return hasProxy(toolbox)
    ? { command: `${PROXY} vsock/${cid} %p`, passesDescriptor: true }
    : { command: `socat - VSOCK-CONNECT:${cid}:%p`, passesDescriptor: false };
}

/** The same by the socket of a daemon that connects to the guest's ports; undefined where no program speaks with it. */
export function daemonProxy(toolbox: Toolbox, socket: string): SshProxy | undefined {
  if (!hasProxy(toolbox)) return undefined;
  // Read by ssh, which knows percent signs, and then by a shell.
  const address = `'vsock-mux${socket.replaceAll("'", "'\\''").replaceAll("%", "%%")}'`;
  return { command: `${PROXY} ${address} %p`, passesDescriptor: true };
}

function hasProxy(toolbox: Toolbox): boolean {
  return findInToolbox(toolbox, [PROXY]) !== undefined;
}

/**
 * The command line of ssh. Nothing of the user's own configuration counts, and as every image has other host keys, none
 * is remembered: the machine is known by its socket.
 * @param args the user's: a command, or options
 */
export function sshCommand({ proxy, key }: Pick<MachineRecord, "proxy" | "key">, args: readonly string[]): string[] {
  const options = [
    ...["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR"],
    `ProxyCommand=${proxy.command}`,
    ...(proxy.passesDescriptor ? ["ProxyUseFdpass=yes"] : []),
    // An agent with many keys would use up the attempts.
    ...(key === null ? [] : ["IdentitiesOnly=yes"]),
  ];
  return [
    ...["ssh", "-F", "none"],
    ...(key === null ? [] : ["-i", key]),
    ...options.flatMap((option) => ["-o", option]),
    "root@mkosi",
    ...args,
  ];
}

export interface SshContext {
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Where relative paths in arguments are meant from. */
  readonly directory: string;
  /** A line for the user. */
  say(text: string): void;
}

/** An emulated machine may take minutes to start. */
const ANSWERS_WITHIN_MS = 180_000;
const ASK_EVERY_MS = 1000;

/** Runs ssh on the caller's terminal. @returns its exit status. @throws the signal's reason when it aborts */
export async function runSsh(record: MachineRecord, context: SshContext): Promise<number> {
  const { runner, toolbox, args, environment, signal, directory } = context;
  await untilItAnswers(record, context);
  const spec = {
    argv: sshCommand(record, args),
    base: { kind: "host", toolbox },
    // It runs the proxy by the user's shell, which a tools tree need not have.
    env: { ...setVariables(environment, (name) => name !== "PATH"), SHELL: "/bin/sh" },
    cwd: directory,
  } as const;
  return await runWithTerminal(runner, spec, signal);
}

/** @throws {Failure} when it does not, or has ended; the signal's reason when it aborts */
async function untilItAnswers(record: MachineRecord, context: SshContext): Promise<void> {
  const { signal, say } = context;
  const deadline = Date.now() + ANSWERS_WITHIN_MS;
  for (let waits = false; ; waits = true) {
    const words = await question(record, context);
    if (words === undefined) return;
    const name = record.machine;
    if (!existsSync(`/proc/${record.process}`))
      throw new Failure(`the machine ${name} has ended`, { remedy: "start it again with: mkosi vm" });
    if (Date.now() > deadline)
      throw new Failure(`the machine ${name} does not answer to ssh`, {
        excerpt: words,
        remedy: "see on its console whether it has started; sshd must be installed in the image (see Ssh=)",
      });
    if (!waits) say(`Waiting until the machine ${name} answers to ssh (at most ${ANSWERS_WITHIN_MS / 1000} seconds)`);
    await delay(ASK_EVERY_MS, undefined, { signal });
  }
}

/** Knocks without a key. @returns undefined when a server has refused that, else what ssh has said instead */
async function question(
  record: MachineRecord,
  { runner, toolbox, environment, signal }: SshContext,
): Promise<string | undefined> {
  const knock = ["-o", "PreferredAuthentications=none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"];
  const [ssh = "ssh", ...rest] = sshCommand({ proxy: record.proxy, key: null }, ["true"]);
  await using program = await runner.start({
    argv: [ssh, ...knock, ...rest],
    base: { kind: "host", toolbox },
    env: { ...setVariables(environment, (name) => name !== "PATH"), SHELL: "/bin/sh" },
    output: "log",
  });
  const status = await program.finished;
  signal.throwIfAborted();
  const words = program.tail().trim();
  return status === 0 || words.includes("Permission denied") ? undefined : words;
}
