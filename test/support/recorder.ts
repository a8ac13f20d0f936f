// A runner that starts nothing and keeps what it was asked to run.

import { CommandFailure } from "../../src/sandbox/spawn.ts";
import type { Runner, SandboxSpec } from "../../src/sandbox/spec.ts";

export interface Recorder extends Runner {
  readonly specs: readonly SandboxSpec[];
  /** The command lines, one string each. */
  commands(): readonly string[];
}

/** `answer` is standard output for a command, or the status it fails with. */
export function makeRecorder(answer: (argv: readonly string[]) => string | number = () => ""): Recorder {
  const specs: SandboxSpec[] = [];
  return {
    specs,
    commands: () => specs.map(({ argv }) => argv.join(" ")),
    run(spec) {
      specs.push(spec);
      const result = answer(spec.argv);
      return typeof result === "number"
        ? Promise.reject(new CommandFailure(spec.argv, result, ""))
        : Promise.resolve({ stdout: result });
    },
    start() {
      throw new Error("nothing is to be started");
    },
  };
}
