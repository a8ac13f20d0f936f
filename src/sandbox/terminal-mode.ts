// A program that talks to the terminal itself leaves it in disorder when it is killed. We note how it was, and put it back.

import { isatty } from "node:tty";
import { execa } from "execa";

/** Notes the mode of the terminal on standard input, if it is one; disposing of the result sets it again. */
export async function keepTerminalMode(): Promise<AsyncDisposable> {
  const mode = isatty(0) ? await stty(["-g"]) : undefined;
  return {
    async [Symbol.asyncDispose]() {
      if (mode !== undefined && (await stty(["-g"])) !== mode) await stty([mode]);
    },
  };
}

/** What it prints; undefined when it fails, as it does when the terminal has gone. */
async function stty(args: readonly string[]): Promise<string | undefined> {
  const result = await execa("stty", args, { stdin: "inherit", reject: false });
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}
