// Removes what may be a whole system.

import { execa } from "execa";

/** Removes a file or a directory with all that is in it, by rm(1): Node takes twice as long. No error when it is not there. */
export async function removeTree(path: string): Promise<void> {
  await execa("rm", ["--recursive", "--force", "--", path], { stdin: "ignore" });
}
