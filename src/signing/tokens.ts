// Keys and certificates of OpenSSL engines and providers: asked for once before anything is built, as nobody else can tell
// whether a token has them and lets us use them.

import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { settings } from "../settings/index.ts";
import type { ImageContext } from "../tools/context.ts";
import { hasTool, runTool } from "../tools/tool.ts";
import { usedPairs } from "./check.ts";
import { isElsewhere, settingsOf, sourceText, systemdKeyOptions } from "./keys.ts";

const KEYUTIL = "/usr/lib/systemd/systemd-keyutil";

/**
 * Makes sure that key and certificate are to be had, and fit each other. Without systemd-keyutil the programs that sign find
 * it out themselves.
 * @throws {Failure} naming the setting and its source
 */
export async function checkTokens(context: ImageContext): Promise<void> {
  if (!hasTool(context.toolbox, "systemd-keyutil")) return;
  for (const pair of usedPairs(context.image).filter(isElsewhere)) {
    const { argv, ...needs } = systemdKeyOptions(pair);
    await runTool(context, { argv: [KEYUTIL, "validate", ...argv], ...needs }).catch((cause: unknown) => {
      if (!(cause instanceof CommandFailure)) throw cause;
      const { key, keySource } = settingsOf(pair.purpose);
      const name = settings[key].name;
      throw new Failure(
        `image ${context.image.name}: the key of ${name}= and its certificate cannot be had from ${sourceText(pair.keySource)}`,
        {
          ...cause.details,
          origin: context.image.origin(key),
          remedy: `see what systemd-keyutil says above; the module of ${settings[keySource].name}= must be where the tools are, and its configuration, too (SandboxTrees=, Environment=)`,
          cause,
        },
      );
    });
  }
}
