// Logs in to a running machine by ssh, over its vsock.

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
}

/** Runs ssh on the caller's terminal. @returns its exit status. @throws the signal's reason when it aborts */
export async function runSsh(record: MachineRecord, context: SshContext): Promise<number> {
  const { runner, toolbox, args, environment, signal, directory } = context;
  const spec = {
    argv: sshCommand(record, args),
    base: { kind: "host", toolbox },
    // It runs the proxy by the user's shell, which a tools tree need not have.
    env: { ...setVariables(environment, (name) => name !== "PATH"), SHELL: "/bin/sh" },
    cwd: directory,
  } as const;
  return await runWithTerminal(runner, spec, signal);
}
