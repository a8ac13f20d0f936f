// Runs this project's mkosi as a user would: the bundle through bin/mkosi, in a process of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { User } from "./user.ts";

export const CHECKOUT = resolve(import.meta.dirname, "../..");

export interface RunOptions {
  /** The project's directory. */
  readonly cwd: string;
  /** On top of this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Another user to run as; needs root. */
  readonly user?: User;
  /** Text for standard input; without, it is empty. */
  readonly input?: string;
  /** Seconds until it is killed. Default 1200. */
  readonly timeout?: number;
  /** Called with each piece of standard output and error, for tests that wait for something. */
  readonly onOutput?: (text: string, child: { kill(signal: NodeJS.Signals): boolean }) => void;
  /** Called when it was started. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface Finished {
  /** The exit status; 128 + number for a death by signal, as a shell says it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Seconds. */
  readonly elapsed: number;
}

/** Runs mkosi to its end; any exit status is a result. */
export async function mkosi(args: readonly string[], options: RunOptions): Promise<Finished> {
  const program = join(options.user?.checkout ?? CHECKOUT, "bin/mkosi");
  if (!existsSync(join(CHECKOUT, "dist/main.cjs")))
    throw new Error("dist/ is missing: run ./x build, or the tests by ./x test");
  return await run([process.execPath, program, ...args], options);
}

/** Runs any program the same way. */
export async function run(argv: readonly string[], options: RunOptions): Promise<Finished> {
  const { user, timeout = 1200 } = options;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NO_COLOR: "1",
    NODE_EXTRA_CA_CERTS: undefined,
    ...user?.env,
    ...options.env,
  };
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
  const [program = "", ...args] = user === undefined ? argv : [...user.command, ...argv];
  const started = performance.now();
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  options.onStart?.(child);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      options.onOutput?.(text, child);
    });
  }
  child.stdin.on("error", () => {}); // it may end without having read its input
  child.stdin.end(options.input ?? "");
  const timer = setTimeout(() => child.kill("SIGTERM"), timeout * 1000);
  const status = await new Promise<number>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => done(code ?? 128 + signalNumber(signal)));
  });
  clearTimeout(timer);
  return { status, ...texts, elapsed: (performance.now() - started) / 1000 };
}

/** mkosi that must succeed. @throws {Error} with what it printed */
export async function mkosiOk(args: readonly string[], options: RunOptions): Promise<Finished> {
  const result = await mkosi(args, options);
  if (result.status !== 0) {
    throw new Error(
      `mkosi ${args.join(" ")}: status ${result.status}\n${result.stderr.slice(-4000)}${result.stdout.slice(-4000)}`,
    );
  }
  return result;
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal as "SIGHUP"] ?? 0;
}
