// pacman for scripts of the project: it works on the image's tree with our configuration, as it does when we call it.

import { writeFileSync } from "node:fs";
import { bind } from "../../sandbox/spec.ts";
import type { PackageContext, ScriptTools } from "../manager.ts";
import { scriptPreparation } from "../project-scripts.ts";
import { userLinks } from "../scriptlets.ts";
import { pacmanArguments, pacmanEnvironment, pacmanMounts } from "./command.ts";
import { populatedKeyring } from "./keyring.ts";
import { pacmanCache, prepareCache } from "./layout.ts";
import { makeLocalRepository } from "./local-repository.ts";

const LOCK = "/run/mkosi-packages.lock";

/** What scripts find in their sandbox. */
export async function scriptTools(context: PackageContext, root: string): Promise<ScriptTools> {
  const cache = pacmanCache(context);
  prepareCache(cache);
  const [keyring, local] = [await populatedKeyring(context), await makeLocalRepository(context)];
  writeFileSync(cache.packagesLock, "", { flag: "a" });
  const preparation = scriptPreparation(context, pacmanEnvironment(context));
  return {
    mounts: [...pacmanMounts(context, { root, keyring, local }), bind(cache.packagesLock, LOCK), ...userLinks()],
    onTree: {
      pacman: { preparation, command: `flock ${LOCK} ${pacmanArguments(context).join(" ")}` },
    },
    verbs: {
      "mkosi-install": "pacman --sync --needed",
      "mkosi-upgrade": "pacman --sync --sysupgrade --needed",
      "mkosi-remove": "pacman --remove --recursive --nosave",
      "mkosi-reinstall": "pacman --sync",
    },
  };
}
