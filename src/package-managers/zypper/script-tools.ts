// zypper and rpm for scripts of the project.

import { writeFileSync } from "node:fs";
import { makeWritableDirectory } from "../../report/directories.ts";
import { bind } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext, ScriptTools } from "../manager.ts";
import { quoted, scriptPreparation } from "../project-scripts.ts";
import { rpmCache } from "../rpm/layout.ts";
import { rpmPrograms } from "../rpm/script-tools.ts";
import { zypperEnvironment, zypperOptions, zypperSpec } from "./command.ts";

const LOCK = "/run/mkosi-zypper.lock";

/** What scripts find in their sandbox. */
export function scriptTools(context: PackageContext, root: string): ScriptTools {
  const { directory, lock } = rpmCache(context, "zypper");
  makeWritableDirectory(directory, "PackageCacheDirectory=");
  writeFileSync(lock, "", { flag: "a" });
  const preparation = scriptPreparation(context, zypperEnvironment(context));
  const recommends = context.image.config.withRecommends ? "--recommends" : "--no-recommends";
  return {
    mounts: [
      ...(zypperSpec(context, { argv: [], root }).mounts ?? []).filter(({ target }) => target !== BUILDROOT),
      bind(lock, LOCK),
    ],
    onTree: {
      zypper: { preparation, command: `flock ${LOCK} ${["zypper", ...zypperOptions(context)].map(quoted).join(" ")}` },
      ...rpmPrograms(preparation),
    },
    verbs: {
      "mkosi-install": `zypper install --download in-advance ${recommends}`,
      "mkosi-upgrade": `zypper update ${recommends}`,
      "mkosi-remove": "zypper --ignore-unknown remove --clean-deps",
      "mkosi-reinstall": `zypper install --force ${recommends}`,
    },
  };
}
