// The file in which everything stands that a build does and its tools print, for when something went wrong.

import { closeSync, openSync, readdirSync, statSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makeWritableDirectory } from "./directories.ts";
import type { BuildEvent, EventSink } from "./events.ts";
import { lineSplitter } from "./lines.ts";
import { formatSeconds } from "./quantity.ts";

const KEPT = 10;
/** Also while many builds run, the log that an error has named is there for a while. In milliseconds. */
const YOUNG = 3_600_000;

export interface BuildLog extends Disposable {
  readonly path: string;
  readonly sink: EventSink;
  /** Whether a tool has printed anything: only then has the log more to say than the screen. */
  hasOutput(): boolean;
}

/**
 * Opens a new log file and removes all but the newest ten and those of the last hour.
 * @param directory where the logs are kept; it is made
 * @param title the first line
 * @returns undefined when the directory cannot be written: a build does not fail for want of its log
 */
export function openLog(directory: string, title: string, now: Date = new Date()): BuildLog | undefined {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const path = join(directory, `${stamp}-${process.pid}.log`);
  let descriptor: number | undefined;
  try {
    makeWritableDirectory(directory, "a place for logs");
    descriptor = openSync(path, "a", 0o600); // what tools print may be nobody else's business
    removeOld(directory);
  } catch {
    return undefined;
  }
  const write = (text: string) => {
    if (descriptor === undefined) return;
    try {
      writeSync(descriptor, text);
    } catch {
      // The disk is full, most likely: the build will say so itself where it matters.
      closeSync(descriptor);
      descriptor = undefined;
    }
  };
  let output = false;
  const lines = lineSplitter((node, line) => write(`[${node}] ${line}\n`));
  write(`${now.toISOString()} ${title}\n`);
  return {
    path,
    sink(event) {
      if (event.type === "output") {
        output = true;
        lines.add(event.node, event.text);
        return;
      }
      if ("node" in event) lines.flush(event.node);
      write(describe(event));
    },
    hasOutput: () => output,
    [Symbol.dispose]() {
      lines.flush();
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** An event as a line of the log, or nothing. */
function describe(event: Exclude<BuildEvent, { type: "output" }>): string {
  const at = new Date(event.time).toISOString().slice(11, 23);
  switch (event.type) {
    case "node-started":
      return `${at} [${event.node}] started\n`;
    case "node-finished":
      return `${at} [${event.node}] ${event.outcome}\n`;
    case "phase-started":
      return `${at} [${event.node}] == ${event.phase}\n`;
    case "phase-finished":
      return `${at} [${event.node}] == ${event.phase}: ${event.outcome} after ${formatSeconds(event.elapsed)}\n`;
    case "phase-kept":
      return `${at} [${event.node}] == ${event.phase}: kept\n`;
    case "message":
      return `${at} ${event.level}: ${event.text}\n`;
    case "terminal":
      return `${at} ${event.taken ? "a program has the terminal" : "the terminal is ours again"}\n`;
    case "artifact":
      return `${at} [${event.node}] ${event.path} (${event.bytes} bytes)\n`;
    case "test-finished":
      return `${at} [${event.node}] ${event.name}: ${event.verdict}${event.reason === undefined ? "" : `: ${event.reason}`}\n`;
    case "progress":
      return "";
  }
}

function removeOld(directory: string): void {
  const logs = readdirSync(directory).filter((name) => name.endsWith(".log"));
  for (const name of logs.sort().slice(0, -KEPT)) {
    const path = join(directory, name);
    if (Date.now() - statSync(path).mtimeMs > YOUNG) unlinkSync(path);
  }
}
