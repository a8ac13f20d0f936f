// Runs a virtual machine from start to power-off: under KVM where that works, else emulated; what goes wrong in QEMU,
// a helper or the guest's processor ends it with a message.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../report/failure.ts";
import { callerIds } from "../sandbox/namespace.ts";
import type { RunningProgram } from "../sandbox/spec.ts";
import {
  acceleratorsToTry,
  firmwareHangs,
  type GuestTrouble,
  guestTrouble,
  KVM_DEVICE,
  kvmComplaint,
  qemuWords,
} from "./accelerator.ts";
import { type Board, boardOf, qemuNames } from "./architecture.ts";
import { type Boot, decideBoot } from "./boot.ts";
import { type GuestConsole, openConsole } from "./console.ts";
import { findInToolbox, type MachineContext, machineMount } from "./context.ts";
import { lockImage } from "./lock-image.ts";
import type { Accelerator } from "./machine.ts";
import { guestExitStatus } from "./notify.ts";
import { type PreparedMachine, prepareMachine } from "./prepare.ts";
import { qemuCommand } from "./qemu.ts";
import { listenForQmp, type QmpClient, QmpError, type QmpListener } from "./qmp.ts";
import { recordMachine } from "./record.ts";
import { registerWith, requireMachined } from "./register.ts";
import { checkMachineSupported } from "./supported.ts";

/** A QEMU that has not connected by then hangs. Seconds. */
const CONNECT_WITHIN = 30;
/** A KVM that does not work shows it within this time. Milliseconds. */
const KVM_TRIAL_MS = 60_000;
/** QEMU and its helpers end together: a helper is only to blame when QEMU is still there after this. Milliseconds. */
const BLAME_AFTER_MS = 1000;

/** How one start of a machine ended. */
type Outcome =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "kvm-failed"; readonly words: string };

/**
 * Runs the machine of an image until it is powered off.
 * @returns the exit status that the guest's systemd was asked for, 0 when it said none
 * @throws {Failure} when the machine cannot be started or does not end by itself; the signal's reason when it aborts
 */
export async function runMachine(context: MachineContext): Promise<number> {
  const { config, origin } = context.image;
  checkMachineSupported(context.image);
  if (config.virtualMachineMonitor === "vmspawn") return await (await import("./vmspawn/run.ts")).runVmspawn(context);
  const qemu = findQemu(context);
  const machined = requireMachined(context.image, callerIds().uid, context.environment);
  const boot = await decideBoot(config, context.files, context.args);
  const [first = "tcg", ...others] = acceleratorsToTry(
    config.kvm,
    config.architecture,
    context.kvmUsable,
    origin("kvm"),
  );
  const outcome = await start(context, { ...qemu, machined }, boot, first);
  if (outcome.kind === "status") return outcome.status;
  const [second] = others;
  if (second === undefined) {
    throw new Failure(`KVM=yes, but KVM cannot run this machine: ${outcome.words}`, {
      origin: origin("kvm"),
      remedy: "set KVM=auto or KVM=no: the machine is emulated then",
    });
  }
  context.say(
    `KVM cannot run this machine (${outcome.words}): starting it again, emulated, which takes minutes instead of seconds`,
  );
  const again = await start(context, { ...qemu, machined }, boot, second);
  return again.kind === "status" ? again.status : 1;
}

interface Qemu {
  readonly board: Board;
  /** A path inside the sandbox. */
  readonly program: string;
}

function findQemu({ image: { config, origin }, toolbox }: MachineContext): Qemu {
  const board = boardOf(config.architecture);
  if (board === undefined) {
    throw new Failure(`QEMU has no machine for ${config.architecture}`, { origin: origin("architecture") });
  }
  const names = qemuNames(board, config.architecture);
  const program = findInToolbox(toolbox, names);
  if (program !== undefined) return { board, program };
  throw new Failure(`${names[0]} is not installed`, {
    remedy:
      "install it (Debian: qemu-system-x86, Fedora: qemu-kvm), or let mkosi build a tree with the tools: ToolsTree=default",
  });
}

async function start(
  outer: MachineContext,
  { board, program, machined }: Qemu & { readonly machined: string | undefined },
  boot: Boot,
  kind: Accelerator["kind"],
): Promise<Outcome> {
  const directory = join(outer.directory, kind);
  await mkdir(directory, { recursive: true });
  const context: MachineContext = { ...outer, directory, helpers: [] };
  try {
    const accelerator = await makeAccelerator(context, program, kind);
    // QEMU itself locks disks.
    await using _lock = context.image.config.format === "directory" ? await lockImage(context) : undefined;
    await using machine = await prepareMachine(context, board, boot);
    await using _record = await recordMachine(context, machine.proxy);
    await using qmp = await listenForQmp(join(directory, "qmp"));
    await using console = await consoleFor(context);
    context.onStart?.(kind);
    await using qemu = await context.runner.start({
      argv: qemuCommand({ ...machine.spec, program, accelerator }),
      base: { kind: "tools", toolbox: context.toolbox },
      mounts: [machineMount(context), ...machine.mounts],
      env: machine.env,
      devices: [...(kind === "kvm" ? [KVM_DEVICE] : []), ...machine.devices],
      cwd: machine.spec.extra.length === 0 ? "/" : context.projectDirectory,
      network: machine.spec.network !== "none",
      suppressSync: context.image.config.ephemeral,
      output: "log",
    });
    if (machined !== undefined) await registerWith(machined, context, machine.spec.vsock, qemu);
    return await watch(context, { kind, machine, qmp, console, qemu });
  } finally {
    await Promise.all(context.helpers.map(({ program }) => program.stop()));
  }
}

async function makeAccelerator(
  { runner, toolbox }: MachineContext,
  program: string,
  kind: Accelerator["kind"],
): Promise<Accelerator> {
  if (kind === "kvm") return { kind };
  const { stdout } = await runner.run({
    argv: [program, "--version"],
    base: { kind: "tools", toolbox },
    output: "capture",
  });
  return { kind, qemuMajor: Number(/version (\d+)/.exec(stdout)?.[1] ?? 0) };
}

async function consoleFor({ image, directory, terminal }: MachineContext): Promise<GuestConsole | undefined> {
  const { console } = image.config;
  if (console === "gui" || console === "headless") return undefined;
  return await openConsole(join(directory, "console"), terminal, console === "read-only");
}

interface Started {
  readonly kind: Accelerator["kind"];
  readonly machine: PreparedMachine;
  readonly qmp: QmpListener;
  readonly console: GuestConsole | undefined;
  readonly qemu: RunningProgram;
}

type End =
  | { readonly kind: "ended"; readonly status: number }
  | { readonly kind: "trouble"; readonly trouble: GuestTrouble }
  | { readonly kind: "helper"; readonly name: string; readonly words: string }
  | { readonly kind: "escaped" };

/** Lets the machine go and waits for its end, whichever it is. */
async function watch(context: MachineContext, started: Started): Promise<Outcome> {
  const { qemu, machine, console } = started;
  const ended = qemu.finished.then((status): End => ({ kind: "ended", status }));
  const client = await connection(context, started);
  const startedAt = Date.now();
  const over = new AbortController();
  const end = await Promise.race<End>([
    ended,
    ...(client === undefined ? [] : [guestTrouble(client).then((trouble): End => ({ kind: "trouble", trouble }))]),
    ...(client === undefined || started.kind !== "kvm" ? [] : [noStart(context, client, console, over.signal)]),
    ...context.helpers.map((helper) => helperEnd(helper.name, helper.program, qemu)),
    ...(console === undefined ? [] : [console.escaped.then((): End => ({ kind: "escaped" }))]),
    ...(client === undefined ? [] : [letGo(client, machine).then(() => ended)]),
  ]);
  over.abort();
  if (end.kind !== "ended" && client !== undefined) await quit(client, qemu);
  context.signal.throwIfAborted();
  const early = Date.now() - startedAt < KVM_TRIAL_MS && machine.notifications?.state.get("READY") !== "1";
  return await conclude(started, end, early, client !== undefined);
}

/** Never resolves when all goes well. */
async function noStart(
  { image }: MachineContext,
  client: QmpClient,
  console: GuestConsole | undefined,
  signal: AbortSignal,
): Promise<End> {
  const hangs = image.config.architecture === "x86-64" && (await firmwareHangs(client, signal));
  if (hangs && console?.firstOutput() === undefined) return { kind: "trouble", trouble: "no-start" };
  return await new Promise(() => {});
}

async function letGo(client: QmpClient, machine: PreparedMachine): Promise<void> {
  try {
    await client.execute("cont");
  } catch (cause) {
    if (cause instanceof QmpError && cause.errorClass !== "Disconnected")
      throw new Failure(`QEMU does not start the machine: ${cause.message}`, { cause });
  }
  await machine.opened();
}

/** The control connection; undefined when QEMU has ended before it was made. */
async function connection({ signal }: MachineContext, { qmp, qemu }: Started): Promise<QmpClient | undefined> {
  const timeout = new AbortController();
  const client = await Promise.race([
    qmp.connected.catch(() => undefined),
    qemu.finished.then(() => undefined),
    delay(CONNECT_WITHIN * 1000, "late" as const, { signal: timeout.signal }).catch(() => "late" as const),
  ]);
  timeout.abort();
  if (client !== "late") return client;
  await qemu.stop();
  signal.throwIfAborted();
  throw new Failure(`QEMU did not start within ${CONNECT_WITHIN} seconds`, {
    excerpt: qemuWords(qemu.tail()).join("\n"),
  });
}

async function helperEnd(name: string, program: RunningProgram, qemu: RunningProgram): Promise<End> {
  await program.finished;
  const status = await Promise.race([qemu.finished, delay(BLAME_AFTER_MS, undefined)]);
  return status === undefined ? { kind: "helper", name, words: program.tail().trimEnd() } : { kind: "ended", status };
}

async function quit(client: QmpClient, qemu: RunningProgram): Promise<void> {
  await Promise.race([client.execute("quit").catch(() => {}), delay(BLAME_AFTER_MS)]);
  await Promise.race([qemu.finished, delay(BLAME_AFTER_MS)]);
  await qemu.stop();
}

async function conclude(
  { kind, machine, qemu }: Started,
  end: End,
  early: boolean,
  connected: boolean,
): Promise<Outcome> {
  const words = qemuWords(qemu.tail()).join("\n");
  const complaint = kind === "kvm" && early ? kvmComplaint(qemu.tail()) : undefined;
  switch (end.kind) {
    case "escaped":
      return { kind: "status", status: 0 };
    case "helper":
      throw new Failure(`${end.name}, which the machine needs, has ended: the machine was stopped`, {
        excerpt: end.words,
      });
    case "trouble":
      if (kind === "kvm" && early && end.trouble !== "io-error")
        return { kind: "kvm-failed", words: complaint ?? TROUBLES[end.trouble] };
      throw new Failure(`the machine was stopped: ${TROUBLES[end.trouble]}`, { excerpt: words });
    case "ended":
      if (end.status === 0) {
        await machine.notifications?.drain();
        return { kind: "status", status: guestExitStatus(machine.notifications?.state ?? new Map()) };
      }
      if (complaint !== undefined && !connected) return { kind: "kvm-failed", words: complaint };
      throw new Failure(
        end.status > 128 ? `QEMU was ended by signal ${end.status - 128}` : `QEMU ended with status ${end.status}`,
        { excerpt: words },
      );
  }
}

const TROUBLES: Readonly<Record<GuestTrouble, string>> = {
  "internal-error": "QEMU could not go on executing the guest (internal error)",
  "guest-panicked": "the guest's kernel panicked",
  "io-error": "its disk could not be written; is there space left where the image is?",
  "no-start": "its firmware hangs",
  "reset-loop": "the guest reset itself again and again",
};
