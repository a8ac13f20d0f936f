// --debug-shell: where a program has failed, a shell with all that it had: tree, mounts, environment, working directory.
// It opens before anything of that is taken away, and the build goes on to fail when it is left.

import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { EventSink } from "../report/events.ts";
import { redactCommand } from "../report/redact.ts";
import { holdInterrupt } from "./interrupt.ts";
import type { CommandFailure } from "./spawn.ts";
import type { Runner, SandboxSpec } from "./spec.ts";
import { keepTerminalMode } from "./terminal-mode.ts";

/** Called when a program has failed and what it ran in is still there. */
export type FailureHook = (spec: SandboxSpec, failure: CommandFailure) => Promise<void>;

/**
 * Opens shells, one after the other where several programs fail.
 * @param runner must not end what it runs when the build is aborted
 */
export function debugShells(runner: Runner, events: EventSink): FailureHook {
  let last: Promise<unknown> = Promise.resolve();
  return async (spec, failure) => {
    const next = last.then(() => openShell(runner, events, spec, opening(spec, failure)));
    last = next.catch(() => {});
    await next;
  };
}

function opening({ argv }: SandboxSpec, { status, output }: CommandFailure): string {
  const end = output.trimEnd().split("\n").slice(-10).join("\n");
  return `${end === "" ? "" : `${end}\n`}
${redactCommand(argv)} ended with status ${status}. This shell has what it had; leave it (exit) and the build fails.`;
}

/**
 * A shell on the terminal in place of the program of a spec; or another program.
 * @param argv default: a shell that is there
 * @returns its exit status
 */
export async function openShell(
  runner: Runner,
  events: EventSink,
  spec: SandboxSpec,
  text: string,
  argv: readonly string[] = [shellOf(spec)],
): Promise<number> {
  using _held = holdInterrupt();
  await using _mode = await keepTerminalMode();
  const { input: _input, ...rest } = spec;
  const env = { ...rest.env, ...(process.env.TERM === undefined ? {} : { TERM: process.env.TERM }) };
  events({ type: "terminal", taken: true, text, time: Date.now() });
  try {
    await using program = await runner.start({ ...rest, env, argv, output: "terminal", jobControl: true });
    return await program.finished;
  } finally {
    events({ type: "terminal", taken: false, text: "", time: Date.now() });
  }
}

/** The shell of an image, as far as it has one, and that of the tools. */
function shellOf({ base }: SandboxSpec): string {
  if (base.kind !== "image") return "bash";
  const shells = ["/usr/bin/bash", "/bin/bash", "/usr/bin/sh", "/bin/sh"];
  // Links there lead to places inside the image.
  return shells.find((path) => lstatSync(join(base.root, path), { throwIfNoEntry: false }) !== undefined) ?? "/bin/sh";
}
