// The one error type for everything that is not a defect of this program: a person reads it, so it says what was
// attempted, what went wrong, where that was configured and what to do.

/** A place in a configuration: a file with line and column (both from 1), or an option on the command line. */
export type Origin =
  | { readonly kind: "file"; readonly path: string; readonly line: number; readonly column: number }
  /** `latestBuild`: the file that remembers the option. */
  | { readonly kind: "option"; readonly option: string; readonly latestBuild?: string }
  | { readonly kind: "pickup"; readonly path: string }
  /** A configure script that has set it. */
  | { readonly kind: "script"; readonly path: string };

export interface FailureDetails {
  /** Where the cause was configured. */
  readonly origin?: Origin | undefined;
  /** What the reader can do about it: an imperative sentence. */
  readonly remedy?: string | undefined;
  /** Lines worth seeing (the end of a tool's output, a configuration line with a caret). */
  readonly excerpt?: string | undefined;
  /** Commands (a line each) that go back to where it failed. */
  readonly again?: string | undefined;
  /** The file with everything, when the excerpt is not all. */
  readonly log?: string | undefined;
  readonly cause?: unknown;
}

/** A failure that is explained to the user without a stack trace; the exit status is 1. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly details: FailureDetails;

  constructor(message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.details = details;
  }
}

/** Ends the program quietly with a status of somebody else's choosing: a guest's, a shell's. */
export class ExitStatus extends Error {
  override readonly name = "ExitStatus";
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

/** How an origin is printed: `mkosi.conf:3:1`, `command line option --package`, `mkosi.version`; below the current directory without it. */
export function formatOrigin(origin: Origin): string {
  if (origin.kind === "file") return `${shortPath(origin.path)}:${origin.line}:${origin.column}`;
  if (origin.kind === "option") {
    return origin.latestBuild === undefined
      ? `command line option ${origin.option}`
      : `option ${origin.option} of the latest build (${shortPath(origin.latestBuild)})`;
  }
  return origin.kind === "script" ? `configure script ${shortPath(origin.path)}` : shortPath(origin.path);
}

function shortPath(path: string): string {
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}
