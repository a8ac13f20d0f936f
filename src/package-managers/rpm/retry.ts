// Mirrors are updated, restarted and overloaded: what cannot be downloaded is tried again, after a while.

import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { ImageContext } from "../../tools/context.ts";

/** Milliseconds before the second and the third attempt. */
const WAITS = [1000, 4000];

/** What dnf, zypper and libcurl say of a server that may be well again soon. A page that does not exist stays so. */
const PASSING =
  /returned error: 5\d\d|Status code: 5\d\d|error code: 5\d\d|HTTP response: 5\d\d|response code '?5\d\d|(?:Curl|download) error|Timeout|timed? ?out|Connection (?:reset|refused|error)|checksum (?:doesn't|does not) match|wrong checksum|Downloading error|Could ?n.t connect|transfer closed|Interrupted by header callback: Server reports|Size of .* does not match/i;

/** Whether a failure may be gone in a moment. */
export function isPassing(error: unknown): boolean {
  return error instanceof CommandFailure && PASSING.test(error.output);
}

/** Runs something that downloads, again if the server seems to have had a weak moment. */
export async function withRetries<T>(context: ImageContext, work: () => Promise<T>, waits = WAITS): Promise<T> {
  for (const wait of waits) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      context.report.progress(`a download has failed and is tried again in ${wait / 1000} s`);
      await sleep(wait);
    }
  }
  return await work();
}
