// Programs that a machine needs beside QEMU (software TPM, file system and vsock daemons): each is ready when its
// socket is there, and its death is the machine's.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../report/failure.ts";
import type { Mount, RunningProgram } from "../sandbox/spec.ts";
import { type MachineContext, machineMount } from "./context.ts";

export interface Helper {
  readonly name: string;
  readonly program: RunningProgram;
}

export interface HelperOptions {
  readonly name: string;
  readonly argv: readonly string[];
  readonly mounts?: readonly Mount[];
  /** Name of the socket in the machine's directory that tells that it is ready; without it, it is so at once. */
  readonly socket?: string;
  readonly network?: boolean;
  /** As in SandboxSpec. */
  readonly endsOrderly?: boolean;
  readonly remedy: string;
}

const READY_WITHIN_MS = 10_000;
const POLL_MS = 2;

/** Starts a helper and waits until it is ready. @throws {Failure} when it ends or does not get ready */
export async function startHelper(context: MachineContext, options: HelperOptions): Promise<Helper> {
  const program = await context.runner.start({
    argv: options.argv,
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [machineMount(context), ...(options.mounts ?? [])],
    network: options.network ?? false,
    // What the guest asks to be written is to be written.
    suppressSync: false,
    endsOrderly: options.endsOrderly ?? false,
    output: "log",
  });
  const helper: Helper = { name: options.name, program };
  context.helpers.push(helper);
  if (options.socket === undefined) return helper;
  const path = join(context.directory, options.socket);
  let ended = false;
  void program.finished.then(() => {
    ended = true;
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!existsSync(path)) {
    if (ended || Date.now() > deadline) {
      await program.stop();
      context.signal.throwIfAborted();
      throw new Failure(`${options.name} did not start`, { excerpt: program.tail().trimEnd(), remedy: options.remedy });
    }
    await delay(POLL_MS);
  }
  return helper;
}
