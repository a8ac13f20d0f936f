// --debug-sandbox: strace(1) shows how bubblewrap makes a sandbox, until the program in it is started.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { redact } from "../report/redact.ts";
import { findProgram } from "./find-program.ts";

/** One sandbox that is traced. */
export interface Trace {
  /** What is put before bubblewrap's command line. */
  readonly argv: readonly string[];
  /** What was traced so far, without secrets; a program's own output is not among it. */
  read(): string;
}

/**
 * Makes traces in a directory.
 * @throws {Failure} where this machine has no strace
 */
export function sandboxTraces(directory: string): () => Trace {
  const strace = findProgram("strace");
  if (strace === undefined) {
    throw new Failure("--debug-sandbox needs strace, which is not installed on this machine", {
      origin: { kind: "option", option: "--debug-sandbox" },
      remedy: "install it (the package strace), or leave the option out",
    });
  }
  return () => {
    const file = join(directory, `strace-${randomUUID()}`);
    return {
      // bubblewrap works in several processes; without --detach-on the program would be followed, too.
      argv: [strace, "--follow-forks", "--detach-on=execve", "--string-limit=256", `--output=${file}`, "--"],
      read: () => redact(readFileSync(file, "utf8")),
    };
  };
}
