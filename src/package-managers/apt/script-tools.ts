// apt and dpkg for scripts of the project: the programs work on the image's tree with our configuration, as they do when we
// call them.

import { writeFileSync } from "node:fs";
import { bind } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext, ScriptTools } from "../manager.ts";
import { scriptPreparation } from "../project-scripts.ts";
import { userLinks } from "../scriptlets.ts";
import { aptSpec, packageEnvironment } from "./command.ts";
import { aptCache } from "./layout.ts";

const LOCK = "/run/mkosi-archives.lock";

const APT = [
  "apt",
  "apt-cache",
  "apt-cdrom",
  "apt-config",
  "apt-extracttemplates",
  "apt-get",
  "apt-mark",
  "apt-sortpkgs",
];
/** They download, one at a time for a cache. */
const DOWNLOADING = ["apt", "apt-get"];
const DPKG = ["dpkg", "dpkg-query"];

/** What scripts find in their sandbox. */
export function scriptTools(context: PackageContext, root: string): ScriptTools {
  const { archivesLock } = aptCache(context);
  writeFileSync(archivesLock, "", { flag: "a" });
  const preparation = scriptPreparation(context, packageEnvironment(context));
  const apt = (name: string) => `${DOWNLOADING.includes(name) ? `flock ${LOCK} ` : ""}${name}`;
  const dpkg = (name: string) => `${name} --admindir=${BUILDROOT}/var/lib/dpkg --root=${BUILDROOT}`;
  return {
    mounts: [...(aptSpec(context, { argv: [], root }).mounts ?? []), bind(archivesLock, LOCK), ...userLinks()],
    onTree: Object.fromEntries([
      ...APT.map((name) => [name, { preparation, command: apt(name) }] as const),
      ...DPKG.map((name) => [name, { preparation, command: dpkg(name) }] as const),
    ]),
    verbs: {
      "mkosi-install": "apt-get install",
      "mkosi-upgrade": "apt-get upgrade",
      "mkosi-remove": "apt-get purge",
      "mkosi-reinstall": "apt-get install --reinstall",
    },
  };
}
