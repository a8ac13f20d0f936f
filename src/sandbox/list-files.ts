// A listing of many files by a program of this machine: it is twice as fast as we are, and nobody waits for it meanwhile.

import { execa } from "execa";

/**
 * Path, inode, size, mode and time of change of everything at some paths and below.
 * @returns undefined where there is no find(1), or a simpler one
 */
export async function listFiles(paths: readonly string[]): Promise<Uint8Array | undefined> {
  const { failed, stdout } = await execa("find", [...paths, "-printf", "%p %i %s %m %C@\\n"], {
    ...({ stdin: "ignore", stderr: "ignore", reject: false, encoding: "buffer" } as const),
  });
  return failed ? undefined : stdout;
}
