// What Debian and the distributions made from it have in common.

import type { Image } from "../config/project.ts";
import type { Repository } from "../package-managers/manager.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { checkEmulation } from "./emulation.ts";

/** dpkg's name of the image's architecture. @throws {Failure} when the distribution does not know it */
export function debArchitecture(
  config: Config,
  names: Readonly<Record<string, string>>,
  distribution: string,
  image?: Image,
): string {
  const name = names[config.architecture];
  if (name !== undefined) return name;
  throw new Failure(`${distribution} does not exist for the architecture ${config.architecture}`, {
    origin: image?.origin("architecture"),
    remedy: `Architecture= takes ${Object.keys(names).join(", ")} there`,
  });
}

/** Checks that the distribution has the image's architecture, and that this machine can run it. @throws {Failure} */
export function checkArchitecture(image: Image, names: Readonly<Record<string, string>>, distribution: string): void {
  debArchitecture(image.config, names, distribution, image);
  checkEmulation(image);
}

/** `LocalMirror=`: one repository, of which nothing but `main` is asked and which need not be signed. */
export function localRepository(url: string, release: string): Repository {
  return { id: "local-mirror", url, suite: release, components: ["main"] };
}

/** How a repository is verified: by the keyring at a path in the toolbox, or not at all with `RepositoryKeyCheck=no`. */
export function verifiedBy(config: Config, keyring: string): { readonly signedBy?: string } {
  return config.repositoryKeyCheck ? { signedBy: keyring } : {};
}

/** Joins a mirror's URL and a path with exactly one slash. */
export function joinUrl(mirror: string, path: string): string {
  return `${mirror.replace(/\/+$/, "")}/${path}`;
}
