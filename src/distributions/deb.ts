// What Debian and the distributions made from it have in common.

import type { Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";

/** `LocalMirror=`: one repository, of which nothing but `main` is asked and which need not be signed. */
export function localRepository(url: string, release: string): Repository {
  return { id: "local-mirror", url, suite: release, components: ["main"] };
}

/** How a repository is verified: by the keyring at a path in the toolbox, or not at all with `RepositoryKeyCheck=no`. */
export function verifiedBy(config: Config, keyring: string): { readonly signedBy?: string } {
  return config.repositoryKeyCheck ? { signedBy: keyring } : {};
}
