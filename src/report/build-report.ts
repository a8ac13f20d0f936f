// What a verb that builds or runs something wraps its work in: the log file, and the view that suits the caller.

import type { EventSink } from "./events.ts";
import { Failure } from "./failure.ts";
import { type BuildLog, openLog } from "./log.ts";
import { failureLine, ndjsonSink } from "./ndjson.ts";
import { guard } from "./print.ts";
import { original, systemFailure } from "./system-failure.ts";
import { terminalView } from "./terminal.ts";

export interface ReportOptions {
  /** Where logs are kept, `…/mkosi/logs`. */
  readonly logs: string;
  /** What is being done, for the first line of the log: the command line. */
  readonly title: string;
  readonly quiet?: boolean;
  readonly debug?: boolean;
  /** Events as NDJSON on standard output instead of the view on standard error. */
  readonly json?: boolean;
}

/**
 * Runs the work with a sink for its events.
 * @throws {Failure} what the work throws, with the place of the log added when there is more in it
 */
export async function withBuildReport<T>(options: ReportOptions, work: (events: EventSink) => Promise<T>): Promise<T> {
  using log = openLog(options.logs, options.title);
  try {
    using view = openView(options);
    return await work((event) => {
      log?.sink(event);
      view.sink(event);
    });
  } catch (thrown) {
    const error = original(thrown);
    const explained = error instanceof Failure ? error : systemFailure(error);
    if (explained === undefined) throw error;
    const failure = withLog(explained, log);
    if (options.json === true) process.stdout.write(failureLine(failure));
    throw failure;
  }
}

function openView(options: ReportOptions): Disposable & { readonly sink: EventSink } {
  if (options.json === true) {
    guard(process.stdout);
    return { sink: ndjsonSink((line) => process.stdout.write(line)), [Symbol.dispose]() {} };
  }
  guard(process.stderr);
  return terminalView(process.stderr, options);
}

function withLog(failure: Failure, log: BuildLog | undefined): Failure {
  log?.sink({ type: "message", level: "error", text: failure.message, time: Date.now() });
  if (log?.hasOutput() !== true || failure.details.log !== undefined) return failure;
  return new Failure(failure.message, { ...failure.details, log: log.path });
}
