// apk for scripts of the project: it works on the image's tree with our configuration, as it does when we call it.

import { writeFileSync } from "node:fs";
import { bind } from "../../sandbox/spec.ts";
import type { PackageContext, ScriptTools } from "../manager.ts";
import { scriptPreparation } from "../project-scripts.ts";
import { userLinks } from "../scriptlets.ts";
import { apkArguments, apkEnvironment, apkMounts, KEEP_INDEXES } from "./command.ts";
import { apkCache, prepareCache } from "./layout.ts";
import { makeLocalRepository } from "./local-repository.ts";

const LOCK = "/run/mkosi-packages.lock";

/** What scripts find in their sandbox. */
export async function scriptTools(context: PackageContext, _root: string): Promise<ScriptTools> {
  const cache = apkCache(context);
  prepareCache(cache);
  writeFileSync(cache.lock, "", { flag: "a" });
  const preparation = scriptPreparation(context, apkEnvironment(context));
  return {
    mounts: [...apkMounts(context, await makeLocalRepository(context)), bind(cache.lock, LOCK), ...userLinks()],
    onTree: {
      apk: { preparation, command: `flock ${LOCK} ${[...apkArguments(context), ...KEEP_INDEXES].join(" ")}` },
    },
    verbs: {
      "mkosi-install": "apk add --upgrade",
      "mkosi-upgrade": "apk upgrade",
      "mkosi-remove": "apk del",
      "mkosi-reinstall": "apk fix --reinstall",
    },
  };
}
