// Mirrors fail for a moment: what went wrong on the way to one is tried again, each time after a longer wait.

import { setTimeout } from "node:timers/promises";
import type { NodeReport } from "../report/events.ts";
import { CommandFailure } from "../sandbox/spawn.ts";

/** Seconds before each further attempt. */
const WAITS = [1, 3, 9];

/**
 * Runs `attempt` until it succeeds, or fails for a reason that another attempt cannot change.
 * @param isPassing whether the output of a failed program tells of something that may pass
 */
export async function withRetries<T>(
  report: Pick<NodeReport, "progress">,
  isPassing: (output: string) => boolean,
  attempt: () => Promise<T>,
  waits: readonly number[] = WAITS,
): Promise<T> {
  for (const wait of waits) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CommandFailure) || !isPassing(error.output)) throw error;
      report.progress(`the mirror has failed: trying again in ${wait} s`);
      await setTimeout(wait * 1000);
    }
  }
  return await attempt();
}
