// What a verb is. registry.ts finds it by name and loads it only when it is asked for.

import type { Arguments } from "../cli/arguments.ts";
import type { RaisedVersion } from "../config/image-version.ts";
import type { Project } from "../config/project.ts";
import type { Machine } from "../config/session.ts";
import type { OptionAssignment } from "../settings/option.ts";

export interface Invocation {
  readonly args: Arguments;
  /** What reading further projects takes. */
  readonly machine: Machine;
  /**
   * The project's configuration; it is read when this is called first. With additional options it is read anew, as if
   * they stood at the end of the command line.
   * @throws {Failure} with everything that is wrong with it
   */
  project(additional?: readonly OptionAssignment[]): Promise<Project>;
  /** A project of options alone, whatever there is in the project's directory. @throws {Failure} as project() */
  ofOptions(assignments: readonly OptionAssignment[]): Promise<Project>;
  /** With --auto-bump, for a verb that builds, the version that the project's images get. @throws {Failure} as raiseVersion() */
  raisedVersion(): Promise<RaisedVersion | undefined>;
}

export interface Verb {
  /** Whether it works on trees, as root over a range of ids: the program is re-executed in a namespace first. */
  readonly needsNamespace: boolean;
  /** What is checked as the caller, before the caller is told what a namespace would take. @throws {Failure} */
  beforeNamespace?(): void;
  /**
   * Does it. Text goes to print() of report/print.ts.
   * @throws {Failure} what the user must know, {ExitStatus} to end with another program's status
   */
  run(invocation: Invocation): Promise<void>;
}
