// Ends what a run of the program has left in sandboxes when it was killed outright. bubblewrap and its programs go with it
// (--die-with-parent), but a sandbox that bubblewrap was just about to let go on has nobody who tells it that it is over.

import { readdirSync, readFileSync } from "node:fs";

/** The environment variable by which sandboxes of a run are known, until their program is started. */
export const RUN_MARK = "MKOSI_RUN";

let own: string | undefined;

/** Takes the mark out of this process's environment, for its sandboxes. */
export function takeRunMark(): void {
  own = process.env[RUN_MARK];
  delete process.env[RUN_MARK];
}

/** What bubblewrap gets, and which of its options keep that from the program. */
export function runMark(): { readonly env: Readonly<Record<string, string>>; readonly options: readonly string[] } {
  return own === undefined ? { env: {}, options: [] } : { env: { [RUN_MARK]: own }, options: ["--unsetenv", RUN_MARK] };
}

/** Kills all processes with a mark, those that they start meanwhile, too. */
export function endMarked(mark: string): void {
  for (let rounds = 0; rounds < 10; rounds++) {
    const left = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && hasMark(name, mark));
    if (left.length === 0) return;
    for (const pid of left) kill(Number(pid));
  }
}

function hasMark(pid: string, mark: string): boolean {
  try {
    // A process that has ended has none.
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${RUN_MARK}=${mark}`);
  } catch {
    return false; // of somebody else, or gone
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
