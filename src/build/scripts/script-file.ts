// Scripts of the project must be executable before they are run.

import { statSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { SCRIPTS } from "../../config/check.ts";
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
  throw cannotRun(image, key, script, found?.isFile() === true);
}

/** Before anything is built: scripts that are there and cannot be run. Others may come to be. @throws {Failure} */
export function checkScripts(image: Image): void {
  if (image.config.makeScriptsExecutable) return;
  for (const key of SCRIPTS)
    for (const script of image.config[key])
      if (statSync(script, { throwIfNoEntry: false })?.isFile() === true && !isExecutable(script))
        throw cannotRun(image, key, script, true);
}

function cannotRun(image: Image, key: ScriptSetting, script: string, isFile: boolean): Failure {
  const problem = isFile ? "is not executable" : "is not a file";
  return new Failure(`image ${image.name}: the script ${script} ${problem}`, {
    origin: image.origin(key, script),
    remedy: isFile ? `Run chmod +x ${script}, or set MakeScriptsExecutable=yes.` : `Correct ${settings[key].name}=.`,
  });
}
