// Runs a program of the user's and waits for what it prints: files that supply values (mkosi.version) and questions to
// the host (systemctl --version). They run as the caller, on the host, while the configuration is read.

import type { ExecFileSyncOptionsWithStringEncoding } from "node:child_process";

/**
 * What the program prints. @throws {Error} when it cannot be started or fails
 * @param timeout milliseconds after which it has failed; default: never
 */
export function runFile(
  argv: readonly string[],
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
  timeout?: number,
): string {
  const [program = "", ...args] = argv;
  // Loaded only when it is needed: most configurations run nothing, and the module costs milliseconds.
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: directory,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
    timeout,
  };
  if (!program.startsWith("/")) return execFileSync(program, args, options);
  try {
    // Nothing of ours runs while we wait, so it is the kernel that ends the user's program when a signal has ended us.
    return execFileSync("setpriv", ["--pdeathsig", "TERM", "--", program, ...args], options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return execFileSync(program, args, options);
  }
}
