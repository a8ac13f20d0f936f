// Lays out a project in a directory that is gone after the test, and loads it.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { ConfigurationFailure, type Diagnostic } from "../../src/config/diagnostics.ts";
import { loadProject } from "../../src/config/load-project.ts";
import type { Project } from "../../src/config/project.ts";
import type { Machine } from "../../src/config/session.ts";
import { runFile } from "../../src/sandbox/run-file.ts";
import { type FileSpec, layOut } from "../differential/case.ts";

export const machine: Machine = {
  environment: { PATH: process.env["PATH"], HOME: "/nowhere" },
  builtin: resolve(import.meta.dirname, "../../builtin"),
  runFile,
};

export interface LoadedProject {
  readonly directory: string;
  /** Undefined when it was refused. */
  readonly project: Project | undefined;
  /** Errors and warnings. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The directory, which is gone after the test. */
export function layOutProject(files: Readonly<Record<string, FileSpec>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "mkosi-config-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  layOut(directory, files);
  return directory;
}

export async function load(files: Readonly<Record<string, FileSpec>>, ...argv: string[]): Promise<LoadedProject> {
  const directory = layOutProject(files);
  const { args } = parseCommandLine([...argv, "summary"], directory);
  try {
    const project = await loadProject(args, machine);
    return { directory, project, diagnostics: project.warnings };
  } catch (error) {
    if (!(error instanceof ConfigurationFailure)) throw error;
    return { directory, project: undefined, diagnostics: error.diagnostics };
  }
}

/** `LEVEL FILE:LINE:COLUMN MESSAGE`, with paths relative to the project. */
export function told({ directory, diagnostics }: LoadedProject): string[] {
  return diagnostics.map(({ level, message, origin }) => {
    const place =
      origin?.kind === "file"
        ? `${origin.path}:${origin.line}:${origin.column} `
        : origin?.kind === "option"
          ? `${origin.option} `
          : origin === undefined
            ? ""
            : `${origin.path} `;
    return `${level} ${place}${message}`.replaceAll(`${directory}/`, "");
  });
}
