// Runs a program of the user's own on the terminal, outside of any sandbox: a pager, man(1). It reads what we hand it
// and is the caller's to end.

import { constants } from "node:os";

export interface TerminalProgram {
  readonly argv: readonly string[];
  /** Standard input; without it, it is the terminal. */
  readonly input?: string;
  /** On top of our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Its exit status (128 + signal number for a death by signal); undefined when it cannot be started. */
export async function runOnTerminal({ argv, input, env = {} }: TerminalProgram): Promise<number | undefined> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const [program = "", ...args] = argv;
  // Ctrl-C is for the pager: less goes on, we wait for it.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  try {
    const child = spawn(program, args, {
      stdio: [input === undefined ? "inherit" : "pipe", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    child.stdin?.on("error", ignore); // it may be left before all was read
    child.stdin?.end(input);
    return await new Promise((done) => {
      child.on("error", () => done(undefined));
      child.on("close", (status, signal) => done(status ?? 128 + constants.signals[signal ?? "SIGTERM"]));
    });
  } finally {
    process.off("SIGINT", ignore);
  }
}
