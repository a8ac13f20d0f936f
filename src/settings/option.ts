// A setting as it was given on the command line, before its text is read.

import type { SettingKey } from "./index.ts";

export interface OptionAssignment {
  readonly key: SettingKey;
  readonly text: string;
  /** As it was written: `--package`, `-p`. */
  readonly option: string;
  /** What relative paths in it are relative to. */
  readonly directory: string;
}
