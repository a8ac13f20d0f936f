// `mkosi box`: a program of the user's on this machine, which is as it is but for /usr: that is the tools'.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Runner, type Toolbox, toolboxRoot } from "../sandbox/spec.ts";
import { runWithTerminal, setVariables } from "../sandbox/with-terminal.ts";
import { detectHost } from "../settings/host.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface BoxContext {
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  /** Program and arguments; empty: a shell. */
  readonly argv: readonly string[];
  /** Where it starts. */
  readonly directory: string;
  readonly environment: Environment;
  /** Who has called us, outside of our namespace. */
  readonly caller: { readonly uid: number; readonly gid: number };
  readonly signal: AbortSignal;
}

/** Runs the program on the caller's terminal. @returns its exit status. @throws the signal's reason when it aborts */
export async function runInBox(context: BoxContext): Promise<number> {
  const { runner, toolbox, directory, environment, caller, signal } = context;
  const argv = context.argv.length === 0 ? [shell(toolbox, environment)] : context.argv;
  const spec = {
    argv: [...asCaller(caller), ...argv],
    base: { kind: "host", toolbox },
    env: boxEnvironment(toolbox, environment),
    cwd: directory,
  } as const;
  return await runWithTerminal(runner, spec, signal);
}

/** Within our namespace the caller is root; the program is to see who it is. */
function asCaller({ uid, gid }: BoxContext["caller"]): readonly string[] {
  return uid === 0 ? [] : ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"];
}

/** The caller's, unless the tools do not have it. */
function shell(toolbox: Toolbox, { SHELL }: Environment): string {
  if (SHELL === undefined || SHELL === "") return "bash";
  return existsSync(SHELL.startsWith("/usr/") ? join(toolboxRoot(toolbox), SHELL) : SHELL) ? SHELL : "bash";
}

/**
 * The caller's variables, with those by which another mkosi in the box knows where it is: as the original has them.
 * The prompt of shells that systemd has a profile for shows it.
 */
export function boxEnvironment(toolbox: Toolbox, environment: Environment): Record<string, string> {
  const { distribution, release } = detectHost("/", environment);
  const path = [...toolbox.searchPaths, environment["PATH"] ?? "", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"];
  return {
    ...setVariables(environment),
    PATH: path.filter((part) => part !== "").join(":"),
    MKOSI_IN_BOX: "1",
    SHELL_PROMPT_PREFIX: prompt(environment["SHELL_PROMPT_PREFIX"] ?? ""),
    ...(distribution === undefined ? {} : { MKOSI_HOST_DISTRIBUTION: distribution }),
    ...(release === undefined ? {} : { MKOSI_HOST_RELEASE: release }),
    ...(toolbox.kind === "tree" ? { MKOSI_DEFAULT_TOOLS_TREE_PATH: toolbox.root } : {}),
  };
}

/** `(box)`, and in a box that was opened in one `(box:2)`. */
function prompt(prefix: string): string {
  const box = /\(box(?::(\d+))?\)/.exec(prefix);
  if (box === null) return `(box)${prefix}`;
  return prefix.replace(box[0], `(box:${Number(box[1] ?? 1) + 1})`);
}
