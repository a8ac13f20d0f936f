// From what a machine has told to the results of its tests.

import { formatBytes, formatSeconds } from "../../report/quantity.ts";
import type { Expectation } from "./expectations.ts";
import { LOG_MAX, type TestLogs } from "./logs.ts";
import type { MachineTest } from "./plan.ts";
import type { TestResult } from "./result.ts";
import type { Watched } from "./watch.ts";

/** By convention of Automake and Meson: a test that ends with it could not be run here. */
const SKIP = 77;
/** systemd.exec(5): the program could not be started. */
const EXEC_FAILED = 203;

interface Judgement {
  readonly verdict: TestResult["verdict"];
  readonly seconds: number;
  readonly reason?: string | undefined;
}

const passed = (seconds: number): Judgement => ({ verdict: "passed", seconds });
const failed = (seconds: number, reason: string): Judgement => ({ verdict: "failed", seconds, reason });

/** The results of a machine's tests. */
export async function judge(machine: MachineTest, watched: Watched, logs: TestLogs): Promise<TestResult[]> {
  const judgements =
    machine.test === undefined
      ? machine.expectations.map(
          (expectation, index) => [expectation.name, judgeExpectation(machine, expectation, index, watched)] as const,
        )
      : [[machine.test.name, judgeTest(machine, watched)] as const];
  const failure = watched.end.kind === "failed" ? watched.end.failure : undefined;
  const firstFailed = judgements.findIndex(([, { verdict }]) => verdict === "failed");
  const results = judgements.map(async ([name, { verdict, seconds, reason }], index): Promise<TestResult> => {
    const base = { image: machine.image.name, name, verdict, seconds, reason };
    if (verdict !== "failed") return base;
    // All of one machine would show the same.
    if (index !== firstFailed) return { ...base, logs: logs.directory };
    const excerpt = failure?.details.excerpt ?? (await logs.excerpt(preferred(machine, watched)));
    return { ...base, excerpt, logs: logs.directory };
  });
  return await Promise.all(results);
}

function preferred(machine: MachineTest, { state }: Watched): ("output" | "journal" | "console")[] {
  if (state.booted === undefined) return ["console", "journal"];
  return machine.test === undefined ? ["journal", "console"] : ["output", "journal", "console"];
}

function judgeExpectation(machine: MachineTest, expectation: Expectation, index: number, watched: Watched): Judgement {
  const { state, seen, seconds } = watched;
  const { booted } = state;
  if (expectation.kind === "console") {
    const at = seen.get(index);
    if (at !== undefined) return passed(at);
    return failed(seconds, booted === undefined ? notBooted(machine, watched) : "no line on the console matches it");
  }
  if (booted === undefined) return failed(seconds, notBooted(machine, watched));
  if (expectation.kind === "boot") {
    const { within } = expectation;
    if (within === null || booted <= within) return passed(booted);
    return failed(booted, `it took ${formatSeconds(booted)}, and TestBootTimeout= allows ${formatSeconds(within)}`);
  }
  const told = state.expectations.get(index);
  if (told === undefined) return failed(seconds, notTold(machine, watched));
  return told.wrong === undefined ? passed(told.seconds - booted) : failed(told.seconds - booted, told.wrong);
}

function judgeTest(machine: MachineTest, watched: Watched): Judgement {
  const { state, seconds } = watched;
  if (state.booted === undefined) return failed(seconds, notBooted(machine, watched));
  const { ended } = state;
  if (ended !== undefined) {
    if (ended.result === "success") return passed(seconds);
    if (ended.code === "exited" && Number(ended.status) === SKIP)
      return { verdict: "skipped", seconds, reason: `it ended with status ${SKIP}` };
    return failed(seconds, howItEnded(machine, ended));
  }
  if (state.notRun === undefined) return failed(seconds, notTold(machine, watched));
  // A unit that was not run without being wrong has a condition that does not hold.
  if (state.notRun === 0) return { verdict: "skipped", seconds, reason: "a condition of the unit does not hold" };
  return failed(seconds, ["the unit could not be started", ...state.words.slice(0, 1)].join(": ").replace(/\.$/, ""));
}

function howItEnded(
  { test }: MachineTest,
  { result, code, status }: { readonly result: string; readonly code: string; readonly status: string },
): string {
  if (code === "exited" && Number(status) === EXEC_FAILED) {
    const what = test?.interpreter === undefined ? "its program" : (test.interpreter[0] ?? "");
    return `${what} could not be run: is it in the image?`;
  }
  if (code === "exited") return `it ended with status ${status}`;
  if (code === "killed" || code === "dumped") return `it was ended by signal ${status}`;
  return `the unit failed (${result})`;
}

/** Why a machine that had booted has not told the rest. */
function notTold(machine: MachineTest, { end, seconds, limit }: Watched): string {
  if (end.kind === "failed") return end.failure.message;
  if (end.kind === "flooded") return flooded(end.log);
  if (end.kind === "late") return `it was not done after ${formatSeconds(limit)} (TestTimeout=)`;
  return `the ${noun(machine)} ended before it was done, after ${formatSeconds(seconds)}`;
}

function notBooted(machine: MachineTest, { end, seconds, limit }: Watched): string {
  if (end.kind === "failed") {
    const { message, details } = end.failure;
    return details.remedy === undefined ? message : `${message} (${details.remedy})`;
  }
  if (end.kind === "no-init") return NO_INIT;
  if (end.kind === "flooded") return flooded(end.log);
  if (end.kind === "emergency") return "it booted into the emergency mode";
  if (end.kind === "ended") return `the ${noun(machine)} ended before it had booted, after ${formatSeconds(seconds)}`;
  const old = machine.kind === "vm" ? " (tests in virtual machines take systemd 256 or newer in the image)" : "";
  return `it had not booted after ${formatSeconds(limit)}${old}`;
}

const NO_INIT =
  "the image has no init system that its kernel could start (in Debian the package systemd-sysv makes systemd the init system)";

function flooded(log: string): string {
  return `it was ended, as it had written more than ${formatBytes(LOG_MAX)} into ${log}`;
}

function noun({ kind }: MachineTest): string {
  return kind === "vm" ? "machine" : "container";
}
