// Where programs of this machine are.

import { join } from "node:path";
import { isExecutable } from "../formats/executable.ts";

/** The full path of a program of the host, from $PATH and the system directories that users often lack there. */
export function findProgram(name: string): string | undefined {
  const directories = [
    ...(process.env.PATH ?? "").split(":"),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/bin",
    "/bin",
  ];
  return directories
    .filter((directory) => directory.startsWith("/"))
    .map((directory) => join(directory, name))
    .find(isExecutable);
}
