// Where text leaves the program: verbs hand their results to print(), explanations go to printError().

import type { Failure } from "./failure.ts";
import { defectText, failureText } from "./failure-text.ts";
import { type Style, styleFor } from "./style.ts";
import { visible } from "./visible.ts";

const guarded = new WeakSet<NodeJS.WriteStream>();
let lost: Error | undefined;

/** Why output was lost, if it was: a full disk behind a redirection. */
export function lostOutput(): Error | undefined {
  return lost;
}

/** Writes to standard output, with a newline at the end unless there is one. */
export function print(text: string): void {
  write(process.stdout, text);
}

/** Writes to standard error, with a newline at the end unless there is one. */
export function printError(text: string): void {
  write(process.stderr, text);
}

/** Explains a failure, or what is only worth a warning, on standard error. */
export function printFailure(failure: Failure, level: "error" | "warning" = "error"): void {
  printError(failureText(failure, styleFor(process.stderr), level));
}

/** Explains a defect of this program on standard error. */
export function printDefect(error: unknown, log?: string): void {
  printError(defectText(error, log, styleFor(process.stderr)));
}

export function printWarning(text: string): void {
  printError(`${styleFor(process.stderr)("warning", "warning:")} ${visible(text)}`);
}

/** The style for text that print() will get. */
export function outputStyle(): Style {
  return styleFor(process.stdout);
}

/** Whether a person reads standard output and can press keys. */
export function onTerminal(): boolean {
  return process.stdout.isTTY && process.stdin.isTTY;
}

/** Width of the terminal on standard output in columns, undefined when it is no terminal. */
export function outputWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

function write(stream: NodeJS.WriteStream, text: string): void {
  guard(stream);
  stream.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** A reader that went away (`mkosi summary | head`) is no error of ours. */
export function guard(stream: NodeJS.WriteStream): void {
  if (guarded.has(stream)) return;
  guarded.add(stream);
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") lost ??= error;
  });
}
