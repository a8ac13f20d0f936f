// $MKOSI_CONFIG: the file with the image's configuration. Few scripts look at it, and what is not looked at need not be the
// same in the next build; so we have a look at when it was read.

import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";

export interface SettingsFile {
  readonly path: string;
  /** Whether anybody has read it, as far as that can be told: else yes. */
  wasRead(): boolean;
}

/** Before any reading. Linux brings the time of access up to date where it is older than that of change (relatime). */
const NEVER = new Date(0);

/** Writes the file. It must be mounted so that it can be written, as times of access do not change on read-only mounts. */
export function writeSettingsFile(path: string, json: string): SettingsFile {
  writeFileSync(path, json, { mode: 0o644 });
  const reset = () => utimesSync(path, NEVER, new Date());
  const accessed = () => statSync(path).atimeMs > NEVER.getTime();
  reset();
  readFileSync(path);
  const tells = accessed();
  reset();
  return { path, wasRead: () => !tells || accessed() };
}
