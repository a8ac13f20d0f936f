// Progress for programs: every event is one line of JSON (NDJSON) on standard output, the failure comes last.

import type { BuildEvent, EventSink } from "./events.ts";
import type { Failure } from "./failure.ts";

/** A sink that writes each event with its time in ISO 8601. */
export function ndjsonSink(write: (line: string) => void): EventSink {
  return (event: BuildEvent) => write(`${JSON.stringify({ ...event, time: new Date(event.time).toISOString() })}\n`);
}

const written = new WeakSet<Failure>();

/** The last line of a run that failed: `{"type":"failure","message":…}` with what else is known. */
export function failureLine(failure: Failure, time: Date = new Date()): string {
  written.add(failure);
  const { origin, remedy, excerpt, again, log } = failure.details;
  return `${JSON.stringify({ type: "failure", message: failure.message, origin, remedy, excerpt, again, log, time: time.toISOString() })}\n`;
}

/** Whether a program was told of a failure by its line. */
export function endsEvents(failure: Failure): boolean {
  return written.has(failure);
}
