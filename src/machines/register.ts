// Register=: makes a virtual machine known to systemd-machined, by its Varlink interface io.systemd.Machine.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import type { RunningProgram } from "../sandbox/spec.ts";
import type { MachineContext } from "./context.ts";
import type { VsockDevice } from "./machine.ts";
import { connectTo } from "./socket.ts";

const SOCKET = "systemd/machine/io.systemd.Machine";
/** systemd-machined answers at once; one that does not is not waited for. */
const ANSWERS_WITHIN_MS = 5000;

export interface MachineToRegister {
  readonly name: string;
  /** The process that is the machine. */
  readonly leader: number;
  /** The tree of a directory image. */
  readonly rootDirectory: string | undefined;
  /** Of the kernel's vsock. */
  readonly cid: number | undefined;
  readonly sshKey: string | null;
}

/** The socket of this user's systemd-machined; undefined where none runs. Users have one of their own since systemd 259. */
export function machinedSocket(uid: number, environment: MachineContext["environment"]): string | undefined {
  const runtime = uid === 0 ? "/run" : (environment["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`);
  const path = join(runtime, SOCKET);
  return existsSync(path) ? path : undefined;
}

/** @returns the socket; undefined when the machine is not to be registered @throws {Failure} when it must be and cannot */
export function requireMachined(
  { config, origin }: Image,
  uid: number,
  environment: MachineContext["environment"],
): string | undefined {
  if (config.register === "disabled") return undefined;
  const socket = machinedSocket(uid, environment);
  if (socket !== undefined || config.register === "auto") return socket;
  throw new Failure(
    existsSync("/run/systemd/system")
      ? "Register=yes needs systemd-machined, and none can be reached (for users: systemd 259 or newer)"
      : "Register=yes needs systemd-machined, and this machine was not booted with systemd",
    { origin: origin("register"), remedy: "install systemd-container, or set Register=auto to do without" },
  );
}

/** Registers a machine; systemd-machined forgets it by itself when its process ends. @throws {Error} with its words */
export async function registerMachine(socket: string, machine: MachineToRegister): Promise<void> {
  const { name, leader, rootDirectory, cid, sshKey } = machine;
  await call(socket, "io.systemd.Machine.Register", {
    ...{ name, leader, service: "mkosi", class: "vm", allocateUnit: true },
    ...(rootDirectory === undefined ? {} : { rootDirectory }),
    ...(cid === undefined ? {} : { vSockCid: cid, sshAddress: `vsock/${cid}` }),
    ...(cid === undefined || sshKey === null ? {} : { sshPrivateKeyPath: sshKey }),
  });
}

/** QEMU that has ended is seen to within that time. */
const ENDS_WITHIN_MS = 1000;

/**
 * Registers a machine whose QEMU waits to be let go. With Register=auto it runs without as well.
 * @throws {Failure} when it must be registered and is not
 */
export async function registerWith(
  socket: string,
  { image: { config, origin }, files, say }: Pick<MachineContext, "image" | "files" | "say">,
  vsock: VsockDevice | undefined,
  { pid, finished }: Pick<RunningProgram, "pid" | "finished">,
): Promise<void> {
  try {
    await registerMachine(socket, {
      name: (config.machine ?? config.output).replaceAll("_", "-"),
      leader: pid,
      rootDirectory: config.format === "directory" ? files.image : undefined,
      cid: vsock?.kind === "kernel" ? vsock.cid : undefined,
      sshKey: config.sshKey,
    });
  } catch (cause) {
    // What QEMU has to say when it ended at once is told by who watches it.
    if ((await Promise.race([finished, delay(ENDS_WITHIN_MS, undefined)])) !== undefined) return;
    const why = `systemd-machined does not take the machine: ${(cause as Error).message}`;
    if (config.register !== "enabled") say(why);
    else throw new Failure(why, { origin: origin("register"), remedy: "set Register=auto to do without", cause });
  }
}

/** One call of a method: JSON ended by a NUL, both ways (https://varlink.org/Method-Call). */
async function call(socket: string, method: string, parameters: object): Promise<void> {
  const reply = await new Promise<string>((resolve, reject) => {
    let text = "";
    const connection = connectTo(socket);
    connection.setTimeout(ANSWERS_WITHIN_MS, () => connection.destroy(new Error("it does not answer")));
    connection.setEncoding("utf8");
    connection.on("error", reject);
    connection.on("close", () => reject(new Error("it has hung up")));
    connection.on("data", (part: string) => {
      text += part;
      const end = text.indexOf("\0");
      if (end < 0) return;
      resolve(text.slice(0, end));
      connection.destroy();
    });
    connection.write(`${JSON.stringify({ method, parameters })}\0`);
  });
  const { error, parameters: details } = JSON.parse(reply) as { error?: string; parameters?: object };
  if (error !== undefined) throw new Error(`${error} ${JSON.stringify(details ?? {})}`);
}
