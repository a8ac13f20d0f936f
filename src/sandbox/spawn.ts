// Runs what a SandboxSpec describes. This and the few helpers beside it are the only places that start processes.

import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { isatty } from "node:tty";
import { execa } from "execa";
import { Failure } from "../report/failure.ts";
import { redact, redactCommand } from "../report/redact.ts";
import { noSpaceRemedy } from "../report/system-failure.ts";
import { type BubblewrapEnvironment, baseEnvironment, bubblewrapArguments } from "./bubblewrap.ts";
import type { FailureHook } from "./debug-shell.ts";
import { inherited } from "./descriptor.ts";
import { findProgram } from "./find-program.ts";
import { hostArguments } from "./host-root.ts";
import { runMark } from "./run-mark.ts";
import { syncFilter } from "./seccomp.ts";
import type { Runner, RunningProgram, SandboxSpec } from "./spec.ts";
import { sandboxTraces } from "./strace.ts";
import { type Printed, printedBy } from "./tail.ts";

/** As long as a service may take to stop by systemd's default would be too long for somebody who waits. */
const SHUT_DOWN_MS = 15_000;
/** What a single program has to write may take that long. */
const ENDS_WITHIN_MS = 5000;

/** A program that ended with a status other than 0, or could not be started. */
export class CommandFailure extends Failure {
  readonly argv: readonly string[];
  /** All that it had; undefined where nobody knows. */
  readonly spec: SandboxSpec | undefined;
  readonly status: number;
  /** The end of what it printed, at most 64 KiB. */
  readonly output: string;

  constructor(argv: readonly string[], status: number, output: string, spec?: SandboxSpec) {
    super(`${argv[0] ?? "program"} ended with status ${status}`, {
      // A full disk makes programs repeat themselves.
      excerpt: lastLines(redact(output), noSpaceRemedy(output) === undefined ? 20 : 3),
      remedy: noSpaceRemedy(output),
    });
    this.argv = argv;
    this.spec = spec;
    this.status = status;
    this.output = output;
  }
}

export interface RunnerOptions {
  /** Directory for small files of the sandboxes; it must outlive the runner. */
  readonly directory: string;
  /** Receives what programs print (with `output: "log"`, and standard error with `capture`). */
  readonly log: (text: string) => void;
  /** Stops everything that runs. */
  readonly signal?: AbortSignal;
  /** Told of programs that have failed, while what they had is there; not of those that may. */
  readonly onFailure?: FailureHook | undefined;
  /** Whether strace(1) shows how sandboxes are made. */
  readonly trace?: boolean | undefined;
}

/** Makes a runner that uses bubblewrap. @throws {Failure} when bubblewrap is not installed */
export function createRunner(options: RunnerOptions): Runner {
  const bubblewrap = findProgram("bwrap");
  if (bubblewrap === undefined) {
    throw new Failure("bubblewrap is not installed: every tool is run in a sandbox that it makes", {
      remedy: "install it, for example: apt install bubblewrap (dnf, zypper, pacman: the same name)",
    });
  }
  const traced = options.trace === true ? sandboxTraces(options.directory) : undefined;
  const environment = sandboxFiles(options.directory);
  const filter = writeFilter(options.directory);

  /** @param info the descriptor on which bubblewrap is to tell about its child; 4 when the filter is 3 */
  function commandLine(spec: SandboxSpec, info: number): string[] {
    const { base } = spec;
    if (base.kind === "host")
      return hostArguments({ ...spec, base }, mkdtempSync(join(options.directory, "host-root-")));
    const args = bubblewrapArguments({ ...spec, base }, environment);
    return [
      bubblewrap as string,
      ...(info === 3 ? [] : ["--seccomp", "3"]),
      "--info-fd",
      String(info),
      ...runMark().options,
      ...args,
    ];
  }

  function launch(spec: SandboxSpec) {
    options.signal?.throwIfAborted();
    const inHost = spec.base.kind === "host";
    const filtered = spec.suppressSync !== false && !inHost;
    const descriptor = filtered && filter !== undefined ? openSync(filter, "r") : undefined;
    const terminal = spec.output === "terminal";
    const info = descriptor === undefined ? 3 : 4;
    // A shell of another process namespace cannot give the terminal back to us; the one in between can.
    const control = spec.jobControl === true && isatty(0) ? ["bash", "-mc", '"$@"', "bash"] : [];
    const trace = inHost ? undefined : traced?.();
    const [program, ...args] = [...control, ...(trace?.argv ?? []), ...commandLine(spec, info)];
    const child = execa(program as string, args, {
      stdio: [
        spec.input === undefined ? (terminal ? "inherit" : "ignore") : "pipe",
        terminal ? "inherit" : "pipe",
        terminal ? "inherit" : "pipe",
        ...(descriptor === undefined ? [] : [inherited(descriptor)]),
        ...(inHost ? [] : ["pipe" as const]),
      ],
      ...(spec.input === undefined ? {} : { input: spec.input }),
      env: { ...baseEnvironment(spec), ...(inHost ? {} : runMark().env) },
      extendEnv: false,
      reject: false,
      // Only descriptors that there are can be named.
      buffer: {
        ...{ stdout: spec.output === "capture", stderr: false },
        ...(inHost ? {} : { fd3: false }),
        ...(descriptor === undefined ? {} : { fd4: false }),
      },
      stripFinalNewline: false,
      maxBuffer: 1024 * 1024 * 1024,
      cleanup: true,
      forceKillAfterDelay: SHUT_DOWN_MS,
    });
    // What makes containers has to shut them down.
    const stop = inHost
      ? () => void child.kill("SIGTERM")
      : stopper(child, child.stdio[info], spec.endsOrderly === true);
    options.signal?.addEventListener("abort", stop);
    child.once("exit", () => {
      options.signal?.removeEventListener("abort", stop);
      if (trace !== undefined) options.log(trace.read());
    });
    if (descriptor !== undefined) closeSync(descriptor);
    const printed = printedBy(
      [spec.output === "capture" ? null : child.stdout, child.stderr],
      spec.onOutput === undefined ? options.log : () => {},
    );
    if (spec.onOutput !== undefined)
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", spec.onOutput);
    return { child, printed, stop };
  }

  return {
    async run(spec) {
      options.log(`+ ${redactCommand(spec.argv)}\n`);
      const { child, printed } = launch(spec);
      const result = await child;
      printed.flush();
      options.signal?.throwIfAborted();
      const status = exitStatus(result);
      if (status !== 0) {
        const failure = new CommandFailure(spec.argv, status, printed.tail(), spec);
        if (spec.mayFail !== true && spec.accepted?.includes(status) !== true) await options.onFailure?.(spec, failure);
        throw failure;
      }
      return { stdout: typeof result.stdout === "string" ? result.stdout : "", printed: printed.tail() };
    },
    async start(spec) {
      options.log(`+ ${redactCommand(spec.argv)} &\n`);
      const launched = launch(spec);
      return runningProgram(launched.child, launched.printed, launched.stop);
    },
  };
}

/**
 * Ends all that runs in a sandbox, by its first process, which bubblewrap tells on a descriptor. Bubblewrap itself then
 * ends, too; were it killed before it has let that process go on, that one would wait for it for ever.
 */
function stopper(
  child: Pick<ChildProcess, "exitCode" | "signalCode" | "once">,
  info: unknown,
  orderly: boolean,
): () => void {
  let first: number | undefined;
  let isStopped = false;
  const end = (signal: "SIGTERM" | "SIGKILL") => {
    if (first === undefined || !isStopped || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(first, signal);
    } catch {
      // It has just ended.
    }
  };
  const kill = () => {
    end(orderly ? "SIGTERM" : "SIGKILL");
    if (!orderly) return;
    const timer = setTimeout(end, ENDS_WITHIN_MS, "SIGKILL");
    child.once("exit", () => clearTimeout(timer));
  };
  let text = "";
  (info as Readable).setEncoding("utf8").on("data", (part: string) => {
    text += part;
    const pid = /"child-pid": *(\d+)\D/.exec(text)?.[1];
    first = pid === undefined ? undefined : Number(pid);
    kill();
  });
  return () => {
    isStopped = true;
    kill();
  };
}

interface EndedProcess {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

interface StartedProcess extends Promise<EndedProcess> {
  readonly pid?: number | undefined;
}

function runningProgram(child: StartedProcess, printed: Printed, kill: () => void): RunningProgram {
  const finished = child.then((result) => {
    printed.flush();
    return exitStatus(result);
  });
  const stop = async () => {
    kill();
    await finished;
  };
  return { pid: child.pid ?? -1, finished, tail: printed.tail, stop, [Symbol.asyncDispose]: stop };
}

function exitStatus(result: EndedProcess): number {
  if (result.exitCode !== undefined) return result.exitCode;
  const signal = result.signal as keyof typeof constants.signals | undefined;
  return signal === undefined ? 127 : 128 + constants.signals[signal];
}

/** The last lines of a text, without empty ones at its end. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

function sandboxFiles(directory: string): BubblewrapEnvironment {
  const etc = join(directory, "etc");
  mkdirSync(etc, { recursive: true });
  writeFileSync(
    join(etc, "passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
  );
  writeFileSync(join(etc, "group"), "root:x:0:\nnogroup:x:65534:\n");
  writeFileSync(join(etc, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  writeFileSync(join(etc, "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  const files = join(directory, "files");
  mkdirSync(files, { recursive: true });
  return {
    etc,
    fileFor(content) {
      const path = join(files, createHash("sha256").update(content).digest("hex").slice(0, 32));
      if (!existsSync(path)) writeFileSync(path, content);
      return path;
    },
  };
}

function writeFilter(directory: string): string | undefined {
  const filter = syncFilter();
  if (filter === undefined) return undefined;
  const path = join(directory, "sync.bpf");
  writeFileSync(path, filter);
  return path;
}
