// Shows long text through a pager when a person reads it, and prints it otherwise.

import { onTerminal, print } from "../report/print.ts";

/** What less is told unless $MKOSI_LESS says otherwise: end at once when all fits, stay on the screen, keep colours. */
const LESS = "FXMKR";

/** What the environment asks for: a command for the shell, `""` for none, undefined when it says nothing. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const named = (env["MANPAGER"] || env["PAGER"])?.trim();
  if (named !== undefined) return named === "cat" ? "" : named;
  return env["TERM"] === "dumb" ? "" : undefined;
}

/** Prints text; on a terminal by $MANPAGER, $PAGER, less or more, unless `enabled` is false (--no-pager). */
export async function page(text: string, enabled: boolean): Promise<void> {
  const command = enabled && onTerminal() ? pagerCommand(process.env) : "";
  if (command === "") {
    print(text);
    return;
  }
  const { runOnTerminal } = await import("../sandbox/on-terminal.ts");
  const input = text.endsWith("\n") ? text : `${text}\n`;
  const env = { LESS: process.env["MKOSI_LESS"] ?? LESS };
  const attempts = command === undefined ? [["less"], ["more"]] : [["/bin/sh", "-c", command]];
  for (const argv of attempts) {
    const status = await runOnTerminal({ argv, input, env });
    // 126 and 127: the shell could not run it.
    if (status !== undefined && status !== 126 && status !== 127) return;
  }
  print(text);
}
