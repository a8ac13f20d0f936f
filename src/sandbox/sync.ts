// Gets what was written to the disk.

import { execa } from "execa";

/** Writes everything that the file system at `path` still has in memory to its device. */
export async function syncFileSystem(path: string): Promise<void> {
  await execa("sync", ["--file-system", path], { stdin: "ignore" });
}
