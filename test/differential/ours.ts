// A project of the differential test, read by us.

import { join, resolve } from "node:path";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { loadProject } from "../../src/config/load-project.ts";
import type { Project } from "../../src/config/project.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { type Case, layOut } from "./case.ts";

/** Our built-in configurations. */
export const builtin = resolve(import.meta.dirname, "../../builtin");

/** Lays out the home directory that all projects below `root` have. */
export function layOutHome(root: string): void {
  layOut(join(root, "home"), { "in-home/file": "x" });
}

export function environmentOf(entry: Case, root: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: join(root, "home"), LC_ALL: "C.UTF-8", ...entry.environment };
}

/** Reads a project that is laid out in `directory`. @throws {Failure} when it is refused */
export async function readCase(entry: Case, directory: string, root: string): Promise<Project> {
  const { args } = parseCommandLine([...(entry.argv ?? []), "summary"], directory);
  const environment = environmentOf(entry, root);
  const run = (argv: readonly string[], cwd: string): string => runFile(argv, cwd, environment);
  return await loadProject(args, { environment, builtin, runFile: run });
}
