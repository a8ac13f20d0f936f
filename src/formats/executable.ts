// Whether a file is a program that we may run.

import { accessSync, constants, statSync } from "node:fs";

/** False also for what is not there and for directories. Links are followed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
