// Where this machine has a key: in the toolbox's collection of all distributions' keys, among the keys of its own
// distribution, or on the host.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { toolboxRoot } from "../../sandbox/spec.ts";
import type { PackageContext, RepositoryKey } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";

const COLLECTION = "/usr/share/distribution-gpg-keys";
const OWN = "/etc/pki/rpm-gpg";

export interface LocalKey {
  /** Where `path` begins, on the host; what is not the toolbox's is not in the sandbox. */
  readonly root: string;
  readonly path: string;
  /** Whether a sandbox tree has it. */
  readonly isGiven: boolean;
}

export function findLocalKey(context: PackageContext, key: RepositoryKey): LocalKey | undefined {
  const own = join(OWN, basename(key.path));
  const places = [join(COLLECTION, key.path), own];
  const root = toolboxRoot(context.toolbox);
  if (!existsSync(join(root, COLLECTION, key.path)) && sandboxHas(context, own))
    return { root, path: own, isGiven: true };
  const path = places.find((place) => existsSync(join(root, place)));
  if (path !== undefined) return { root, path, isGiven: false };
  const onHost = places.find((place) => existsSync(place));
  return onHost === undefined ? undefined : { root: "/", path: onHost, isGiven: false };
}
