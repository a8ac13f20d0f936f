// Follows one machine from its start until it has told all, takes too long or has ended, and ends it then.

import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { compilePythonExpression } from "../../formats/python-expression.ts";
import { Failure } from "../../report/failure.ts";
import type { TestLogs } from "./logs.ts";
import type { MachineTest } from "./plan.ts";
import { SETTLES_WITHIN } from "./runner-script.ts";
import { runTestMachine, type StartOptions, type TestContext } from "./start.ts";
import { type MachineState, newState, takeLine } from "./state.ts";

const POLL_MS = 40;
/** Without a TestTimeout= of the user's, an emulated machine has so many times as long. */
const EMULATED = 3;
/** What the kernel, or the systemd of an initrd, says where there is no init. */
const NO_INIT =
  /No working init found|Requested init \S+ failed|does not seem to be an OS tree|Failed to (?:execute|determine).*\binit\b/;

/**
 * `told`: all is known; `late`: TestTimeout= is over; `ended`: it has ended before; `no-init`: its kernel has found nothing
 * to start; `flooded`: it has filled this log; `failed`: it could not be started or run.
 */
export type End =
  | { readonly kind: "told" | "late" | "ended" | "emergency" | "no-init" }
  | { readonly kind: "flooded"; readonly log: string }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface Watched {
  readonly state: MachineState;
  readonly end: End;
  /** Since the machine was started. */
  readonly seconds: number;
  /** How long it might have taken. */
  readonly limit: number;
  /** Which expectations of the console were met, by their numbers, and when. */
  readonly seen: ReadonlyMap<number, number>;
}

/** @throws the signal's reason when the user interrupts */
export async function watchMachine(machine: MachineTest, context: TestContext, logs: TestLogs): Promise<Watched> {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let startedAt = Date.now();
  let state = newState();
  let limit = timeLimit(machine, false);
  const seen = new Map<number, number>();
  const options: StartOptions = {
    signal,
    file: logs.file,
    onConsole: logs.console.add,
    onStart(accelerator) {
      limit = timeLimit(machine, accelerator === "tcg");
      startedAt = Date.now();
      state = newState();
      seen.clear();
      logs.console.restart();
    },
  };
  let end: End | undefined;
  const running = runTestMachine(machine, context, options).then(
    (): End => ({ kind: "ended" }),
    (error: unknown): End => {
      if (signal.aborted) return { kind: "ended" };
      if (error instanceof Failure) return { kind: "failed", failure: error };
      throw error;
    },
  );
  const seconds = () => (Date.now() - startedAt) / 1000;
  const reader = lineReader(logs.file("result"));
  const look = async () => {
    for (const line of await reader.lines()) takeLine(state, line, seconds());
    for (const [index, expression] of patterns(machine)) {
      if (!seen.has(index) && logs.console.matches(expression)) seen.set(index, seconds());
    }
  };
  try {
    let finished: End | undefined;
    void running.then(
      (value) => {
        finished = value;
      },
      () => {
        finished = { kind: "ended" };
      },
    );
    while (end === undefined && !context.signal.aborted) {
      const last = finished;
      await look();
      end = verdict(machine, state, seen, { seconds: seconds(), limit }) ?? last ?? (await trouble(state, logs));
      if (end === undefined) await delay(POLL_MS);
    }
  } finally {
    stop.abort(new Error("the test is over"));
    await running;
    await reader.close();
  }
  context.signal.throwIfAborted();
  return { state, end: end ?? { kind: "ended" }, seconds: seconds(), limit, seen };
}

/** How the machine is done with, if it is. */
function verdict(
  machine: MachineTest,
  state: MachineState,
  seen: ReadonlyMap<number, number>,
  { seconds, limit }: { readonly seconds: number; readonly limit: number },
): End | undefined {
  if (state.emergency === true) return { kind: "emergency" };
  if (state.done === true) {
    const all = patterns(machine).every(([index]) => seen.has(index));
    if (all || seconds > (state.booted ?? 0) + SETTLES_WITHIN) return { kind: "told" };
  }
  return seconds > limit ? { kind: "late" } : undefined;
}

/** Seconds. */
export function timeLimit({ image }: Pick<MachineTest, "image">, emulated: boolean): number {
  const { testTimeout } = image.config;
  return emulated && image.origin("testTimeout") === undefined ? EMULATED * testTimeout : testTimeout;
}

/** What need not be waited for. */
async function trouble(state: MachineState, logs: TestLogs): Promise<End | undefined> {
  if (state.booted === undefined && logs.console.matches(NO_INIT)) return { kind: "no-init" };
  const log = await logs.flooded();
  return log === undefined ? undefined : { kind: "flooded", log };
}

const compiled = new WeakMap<MachineTest, (readonly [number, RegExp])[]>();

/** What is expected of the console, with the numbers of these expectations. */
function patterns(machine: MachineTest): (readonly [number, RegExp])[] {
  const known = compiled.get(machine);
  if (known !== undefined) return known;
  const list = machine.expectations.flatMap((expectation, index) =>
    expectation.kind === "console" ? [[index, compilePythonExpression(expectation.expression)] as const] : [],
  );
  compiled.set(machine, list);
  return list;
}

interface LineReader {
  /** Whole lines that were added since the last call. */
  lines(): Promise<string[]>;
  close(): Promise<void>;
}

/** Reads what is appended to a file; one that has become shorter is read anew. */

function lineReader(path: string): LineReader {
  const file = open(path, "r");
  let position = 0;
  let rest = "";
  return {
    async lines() {
      const handle = await file;
      const { size } = await handle.stat();
      if (size < position) {
        position = 0;
        rest = "";
      }
      if (size === position) return [];
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - position), 0, size - position, position);
      position += bytesRead;
      const lines = (rest + buffer.subarray(0, bytesRead).toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      return lines;
    },
    close: async () => await (await file).close(),
  };
}
