// Scripts of the project must be executable before they are run.

import { chmod, stat } from "node:fs/promises";
import type { Image } from "../../config/project.ts";
import { isExecutable } from "../../formats/executable.ts";
import { Failure } from "../../report/failure.ts";
import { type Config, settings } from "../../settings/index.ts";

/** A setting with a list of scripts. */
export type ScriptSetting = {
  [Key in keyof Config]: Config[Key] extends readonly string[] ? Key : never;
}[keyof Config];

/** Makes sure that a script can be run, as MakeScriptsExecutable= says. @throws {Failure} when it cannot */
export async function ensureExecutable(image: Image, key: ScriptSetting, script: string): Promise<void> {
  if (isExecutable(script)) return;
  const found = await stat(script).catch(() => undefined);
  if (found?.isFile() === true && image.config.makeScriptsExecutable) {
    await chmod(script, found.mode | 0o100);
    return;
  }
  const problem = found?.isFile() === true ? "is not executable" : "is not a file";
  throw new Failure(`image ${image.name}: the script ${script} ${problem}`, {
    origin: image.origin(key, script),
    remedy:
      found?.isFile() === true
        ? `Run chmod +x ${script}, or set MakeScriptsExecutable=yes.`
        : `Correct ${settings[key].name}=.`,
  });
}
