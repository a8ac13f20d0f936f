// Ends builds at some moment: as a power cut does, by killing the process that was started, or as a user does.

import { join } from "node:path";
import { CHECKOUT, type Finished, type RunOptions, run } from "./mkosi.ts";

/** Ways to end it, by their exit statuses. `all`: everything at the same moment; `outer`: only the process that was started. */
export const STATUSES = { all: 137, SIGINT: 130, outer: 137, SIGTERM: 143 } as const;

export type Ending = keyof typeof STATUSES;

/** Runs mkosi, and ends it after some time (seconds) unless it is done before. */
export async function mkosiEnded(
  args: readonly string[],
  options: RunOptions,
  { how, after }: { readonly how: Ending; readonly after: number },
): Promise<Finished> {
  const argv = [process.execPath, join(CHECKOUT, "bin/mkosi"), ...args];
  // The kernel kills all of a namespace of processes with its first one.
  const namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
  let timer: NodeJS.Timeout | undefined;
  const finished = await run(how === "all" ? [...namespace, ...argv] : argv, {
    ...options,
    onStart(child) {
      timer = setTimeout(() => {
        child.kill(how === "SIGINT" || how === "SIGTERM" ? how : "SIGKILL");
      }, after * 1000);
    },
  });
  clearTimeout(timer);
  return finished;
}
