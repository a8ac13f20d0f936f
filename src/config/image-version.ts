// Raises the version of a project's images in mkosi.version: what `bump` does, and --auto-bump for a build.

import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isExecutable } from "../formats/executable.ts";
import { strip } from "../formats/white-space.ts";
import { Failure } from "../report/failure.ts";
import { writeWhole } from "../report/whole-file.ts";
import type { OptionAssignment } from "../settings/option.ts";
import { checkText, readText } from "../settings/types/files.ts";
import { ValueError } from "../settings/types/value.ts";
import { configDirectoryOf } from "./load-project.ts";
import type { Machine } from "./session.ts";

const VERSION_FILE = "mkosi.version";
/** A program of the project's that knows better what comes next. */
const BUMP_PROGRAM = "mkosi.bump";
/** Where counting begins when there is no version yet. */
const FIRST = "1";

export interface RaisedVersion {
  /** The file that keeps the version, absolute. */
  readonly file: string;
  /** What is in it now; undefined: it is not there. */
  readonly previous: string | undefined;
  readonly version: string;
}

export interface RaiseOptions {
  /** The directory of the project; undefined for none (`-C ""`). */
  readonly directory: string | undefined;
  /** The command line: a version there is the new one. */
  readonly assignments: readonly OptionAssignment[];
}

/**
 * The version that comes after the one in mkosi.version, or the one of --image-version. Nothing is written.
 * @throws {Failure} when there is no project, the file is a program itself, or mkosi.bump cannot be run or prints no version
 */
export function raiseVersion(
  { directory: project, assignments }: RaiseOptions,
  machine: Pick<Machine, "runFile">,
): RaisedVersion {
  if (project === undefined) {
    throw new Failure(`without a project there is no ${VERSION_FILE} whose version could be raised`, {
      remedy: "run mkosi in the project's directory, or name it: -C DIRECTORY",
    });
  }
  const directory = configDirectoryOf(project);
  const file = join(directory, VERSION_FILE);
  try {
    const previous = versionIn(file);
    const program = join(directory, BUMP_PROGRAM);
    const given = assignments.findLast(({ key }) => key === "imageVersion")?.text;
    if (given !== undefined && given !== "") return { file, previous, version: given };
    const version = existsSync(program) ? printedBy(program, machine) : nextVersion(previous);
    return { file, previous, version };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new Failure(error.message, { remedy: error.remedy });
  }
}

/** Puts a version where the next build finds it. A link is followed, and the file is replaced as a whole. @throws {Failure} */
export async function keepVersion({ file, version }: RaisedVersion): Promise<void> {
  try {
    await writeWhole(existsSync(file) ? realpathSync(file) : file, `${version}\n`);
  } catch (cause) {
    throw new Failure(`the version ${version} cannot be written to ${file}: ${(cause as Error).message}`, {
      remedy: "make the directory writable for this user",
      cause,
    });
  }
}

/** Counts the last of the components between dots up; a version that does not end in a number gets one. */
export function nextVersion(previous: string | undefined): string {
  if (previous === undefined || previous === "") return FIRST;
  const start = previous.lastIndexOf(".") + 1;
  const last = previous.slice(start);
  return /^\d+$/.test(last) ? `${previous.slice(0, start)}${BigInt(last) + 1n}` : `${previous}.2`;
}

function versionIn(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  if (isExecutable(file)) {
    throw new ValueError(`${file} is a program that prints the version, so nothing can be written to it`, {
      remedy: "make the version come from what that program reads, or keep it in a file (chmod -x)",
    });
  }
  return strip(readText(file));
}

function printedBy(program: string, { runFile }: Pick<Machine, "runFile">): string {
  if (!isExecutable(program))
    throw new ValueError(`${program} is not executable`, { remedy: `run: chmod +x ${program}` });
  const version = strip(checkText(program, output(program, runFile)));
  const remedy = "let it print the new version, one line, and everything else to standard error";
  if (version === "") throw new ValueError(`${program} has printed no version`, { remedy });
  if (version.includes("\n")) throw new ValueError(`${program} has printed more than one line`, { remedy });
  return version;
}

function output(program: string, runFile: Machine["runFile"]): string {
  try {
    return runFile([program], dirname(program));
  } catch (cause) {
    throw new Failure(`${program} could not be run: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
