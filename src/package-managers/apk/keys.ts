// The public keys that indexes and packages are verified with. apk takes all that are in one directory; their names are
// what signatures name.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bindReadOnly, type Mount, toolboxRoot } from "../../sandbox/spec.ts";
import type { PackageContext } from "../manager.ts";
import { KEYS } from "./layout.ts";

/** Where the toolbox has them: distribution-gpg-keys' directories, and what is in /etc and comes with apk itself. */
const SOURCES = [
  "usr/share/distribution-gpg-keys/alpine-linux",
  "usr/share/distribution-gpg-keys/postmarketos",
  "usr/share/apk/keys",
  "etc/apk/keys",
];

/** The keys of the toolbox, of which the last of a name counts. @throws {Failure} when there are none */
export function keyMounts(context: PackageContext): readonly Mount[] {
  if (!context.repositories.some(({ signedBy }) => signedBy !== undefined)) return [{ type: "dir", target: KEYS }];
  const root = toolboxRoot(context.toolbox);
  const keys = new Map<string, string>();
  for (const source of SOURCES) {
    const directory = join(root, source);
    const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".rsa.pub")) : [];
    for (const name of names) keys.set(name, join(directory, name));
  }
  if (keys.size === 0) {
    throw new Failure("the keys that verify packages of Alpine Linux and postmarketOS are missing", {
      origin: context.image.origin("distribution"),
      remedy:
        "install distribution-gpg-keys, on the host or by ToolsTreePackages=, or put them into etc/apk/keys of a sandbox tree (SandboxTrees=)",
    });
  }
  return [{ type: "dir", target: KEYS }, ...[...keys].map(([name, path]) => bindReadOnly(path, `${KEYS}/${name}`))];
}
