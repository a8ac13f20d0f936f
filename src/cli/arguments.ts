// The command line once it is understood.

import type { OptionAssignment } from "../settings/option.ts";

export interface Arguments {
  /** The verb's present name. */
  readonly verb: string;
  /** What follows the verb, and what follows `--`. */
  readonly verbArguments: readonly string[];
  /** Settings, in the order in which they were given. */
  readonly assignments: readonly OptionAssignment[];
  /** The project's directory, absolute; undefined for `-C ""`: no configuration is read. */
  readonly directory: string | undefined;
  /** Which of the project's images the verb is about; undefined: the main one. */
  readonly image: string | undefined;
  /** How often -f was given. */
  readonly force: number;
  readonly debug: boolean;
  readonly debugShell: boolean;
  readonly debugWorkspace: boolean;
  readonly debugSandbox: boolean;
  readonly debugTiming: boolean;
  readonly pager: boolean;
  readonly json: boolean;
  /** Unknown names in the configuration are errors. */
  readonly strict: boolean;
  readonly quiet: boolean;
  /** How many images are built, or machines tested, at once; undefined: as many as there are CPUs. */
  readonly jobs: number | undefined;
  /** Results of tests are printed in the Test Anything Protocol. */
  readonly tap: boolean;
  /** The file that gets results of tests as JUnit's XML, as it was written. */
  readonly junit: string | undefined;
  /** The file that gets what inspect or diff finds as a page, as it was written. */
  readonly html: string | undefined;
  readonly autoBump: boolean;
  readonly wipeBuildDirectory: boolean;
  readonly rerunBuildScripts: boolean;
  /** Whether it is about images as they were built, with the options that were given then (History=). */
  readonly usesLatestBuild: boolean;
  /** Whether the options of what it builds are remembered (History=). */
  readonly remembersBuild: boolean;
  readonly genkeyCommonName: string | undefined;
  readonly genkeyValidDays: number;
  /** Nothing is changed; what would be is a failure. */
  readonly check: boolean;
  /** What is shown otherwise is written. */
  readonly write: boolean;
  readonly docFormat: string;
  /** Which step `debug` goes back to; undefined: the one that has failed. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** Whether `debug` lists steps instead. */
  readonly list: boolean;
  /** The options as they were given, but for those that say how this one run is to be: for commands that are suggested. */
  readonly optionWords: readonly string[];
}
