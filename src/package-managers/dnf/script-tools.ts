// dnf and rpm for scripts of the project: the programs work on the image's tree with our configuration, as they do when
// we call them.

import { writeFileSync } from "node:fs";
import { makeWritableDirectory } from "../../report/directories.ts";
import { bind } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext, ScriptTools } from "../manager.ts";
import { quoted, scriptPreparation } from "../project-scripts.ts";
import { rpmEnvironment } from "../rpm/command.ts";
import { rpmCache } from "../rpm/layout.ts";
import { rpmPrograms } from "../rpm/script-tools.ts";
import { asksForPaths, type DnfLayout, dnfOptions, dnfProgram, dnfSpec, KEPT_METADATA } from "./command.ts";

const LOCK = "/run/mkosi-dnf.lock";

/** What scripts find in their sandbox. */
export function scriptTools(context: PackageContext, root: string, layout: DnfLayout): ScriptTools {
  const { directory, lock } = rpmCache(context, dnfProgram(context));
  makeWritableDirectory(directory, "PackageCacheDirectory=");
  writeFileSync(lock, "", { flag: "a" });
  const preparation = scriptPreparation(context, rpmEnvironment(context.image.config));
  const program = dnfProgram(context);
  const spec = dnfSpec(context, { argv: [], root, fileLists: asksForPaths(context) }, layout);
  const command = `flock ${LOCK} ${[program, ...dnfOptions(context), ...KEPT_METADATA].map(quoted).join(" ")}`;
  return {
    mounts: [...(spec.mounts ?? []).filter(({ target }) => target !== BUILDROOT), bind(lock, LOCK)],
    onTree: {
      dnf: { preparation, command },
      ...(program === "dnf5" ? { dnf5: { preparation, command } } : {}),
      ...rpmPrograms(preparation),
    },
    verbs: {
      "mkosi-install": "dnf install",
      "mkosi-upgrade": "dnf upgrade",
      "mkosi-remove": "dnf remove",
      "mkosi-reinstall": "dnf reinstall",
    },
  };
}
