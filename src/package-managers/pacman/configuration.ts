// The pacman.conf of our pacman, see pacman.conf(5). A sandbox tree may have one of its own.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sandboxTree } from "../../sandbox/spec.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";

/** What `WithDocs=no` leaves out. */
const DOCUMENTATION = ["doc", "man", "groff", "gtk-doc", "info"].map((name) => `usr/share/${name}/*`);

export const CONFIGURATION = "/etc/pacman.conf";

/** Text of the pacman.conf: the one of a sandbox tree, or ours. */
export function renderConfiguration(context: PackageContext): string {
  const tree = sandboxTree(context.toolbox);
  if (tree === undefined || !sandboxHas(context, CONFIGURATION)) return generate(context);
  const text = readFileSync(join(tree.directory, CONFIGURATION), "utf8");
  // The sandbox has no such user.
  return `${text.replace(/^\s*DownloadUser\b.*\n?/gm, "")}\n${localSection(context)}`;
}

function generate(context: PackageContext): string {
  const { config } = context.image;
  const verified = context.repositories.some(({ signedBy }) => signedBy !== undefined);
  const options = [
    `SigLevel = ${verified ? "Required DatabaseOptional" : "Never"}`,
    `LocalFileSigLevel = ${verified ? "Optional" : "Never"}`,
    "ParallelDownloads = 5",
    `Architecture = ${context.architecture}`,
    ...(config.withDocs ? [] : DOCUMENTATION.map((glob) => `NoExtract = ${glob}`)),
  ];
  const repositories = context.repositories.map(({ id, url }) => `\n[${id}]\nServer = ${url}\n`);
  const include = sandboxHas(context, "/etc/pacman.d") ? "\nInclude = /etc/pacman.d/*.conf\n" : "";
  return `[options]\n${options.map((line) => `${line}\n`).join("")}${localSection(context)}${include}${repositories.join("")}`;
}

/** Packages of this machine come first: pacman takes a package from the first repository that has it. */
function localSection({ localPackages }: PackageContext): string {
  if (localPackages.length === 0) return "";
  // They are all in a cache directory already, so nothing is asked of a server.
  return "\n[mkosi]\nServer = file:///nonexistent\nSigLevel = Never\nUsage = Install Search Upgrade\n";
}
