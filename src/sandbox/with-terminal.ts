// Runs a program with the caller's terminal, as the whole of what a verb does: its exit status is the verb's.

import type { Runner, SandboxSpec } from "./spec.ts";

/** @returns the program's exit status. @throws the signal's reason when it aborts */
export async function runWithTerminal(
  runner: Runner,
  spec: Omit<SandboxSpec, "output">,
  signal: AbortSignal,
): Promise<number> {
  await using program = await runner.start({ ...spec, output: "terminal" });
  const status = await program.finished;
  signal.throwIfAborted();
  return status;
}

/** Variables of an environment that are set. @param wanted by their names; default: all */
export function setVariables(
  environment: Readonly<Record<string, string | undefined>>,
  wanted: (name: string) => boolean = () => true,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0]),
    ),
  );
}
