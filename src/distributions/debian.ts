// Debian, from its mirrors or a snapshot of them.

import {
  DEB_ARCHITECTURES,
  DEBIAN_ARCHIVED,
  DEBIAN_COMPONENTS,
  DEBIAN_KEYRING,
  DEBIAN_RELEASES,
  DEBIAN_VERSIONS,
} from "../facts/debian.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { BASE_PACKAGES } from "../package-managers/apt/fetch.ts";
import type { Repository } from "../package-managers/manager.ts";
import { Failure } from "../report/failure.ts";
import { didYouMean } from "../report/suggest.ts";
import type { Config } from "../settings/index.ts";
import { localRepository, verifiedBy } from "./deb.ts";
import { aptWith, forImage, nameUnstable } from "./deb-tree.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, checkArchitecture, joinUrl } from "./naming.ts";
import { checkSnapshot, TIME } from "./snapshot-form.ts";

const MIRROR = "http://deb.debian.org";
/** Debian's archive of all states of its mirrors. */
export const SNAPSHOTS = "https://snapshot.debian.org";

export const debian: Distribution = {
  name: "debian",
  prettyName: DISTRIBUTIONS.debian.prettyName,
  packageManager: (config) =>
    aptWith({
      imageRepositories,
      ...(isUnstable(config.release) ? { afterBootstrap: nameUnstable } : {}),
    }),
  architecture: (config) => architectureName(config, DEB_ARCHITECTURES, "Debian"),
  repositories,
  validate(image) {
    const { config } = image;
    checkArchitecture(image, DEB_ARCHITECTURES, "Debian");
    checkSnapshot(image, "Debian", TIME);
    // a mirror of one's own may have suites and components that we know nothing of
    if (config.localMirror || config.mirror) return;
    if (!Object.hasOwn(DEBIAN_RELEASES, config.release)) {
      throw new Failure(`Debian has no release ${JSON.stringify(config.release)}`, {
        origin: image.origin("release"),
        remedy: releaseRemedy(config.release),
      });
    }
    const component = config.repositories.find((name) => !DEBIAN_COMPONENTS.includes(name));
    if (component !== undefined) {
      throw new Failure(`Debian has no component ${JSON.stringify(component)}`, {
        origin: image.origin("repositories", component),
        remedy: `${didYouMean(component, DEBIAN_COMPONENTS)}Repositories= takes ${DEBIAN_COMPONENTS.slice(1).join(", ")}`,
      });
    }
  },
  basePackages: () => BASE_PACKAGES,
};

/** The archive, its updates and security updates; debug symbols only when a package asks for them. */
function repositories(config: Config): readonly Repository[] {
  return repositoriesWith(config, wantsDebugSymbols(config));
}

function repositoriesWith(config: Config, debugSymbols: boolean): readonly Repository[] {
  const { release, snapshot } = config;
  if (config.localMirror) return [localRepository(config.localMirror, release)];
  const mirror = config.mirror ?? (snapshot ? SNAPSHOTS : MIRROR);
  const components = [...new Set(["main", ...config.repositories])];
  const common = { components, ...verifiedBy(config, DEBIAN_KEYRING) };
  const archive = (name: string) => (snapshot ? joinUrl(mirror, `archive/${name}/${snapshot}`) : joinUrl(mirror, name));
  // these two are rarely mirrored, so Mirror= does not apply to them
  const central = (name: string) => (snapshot ? joinUrl(mirror, `archive/${name}/${snapshot}`) : joinUrl(MIRROR, name));
  const result: Repository[] = [{ id: "debian", url: archive("debian"), suite: release, ...common }];
  if (debugSymbols)
    result.push({ id: "debian-debug", url: central("debian-debug"), suite: `${release}-debug`, ...common });
  if (isUnstable(release)) return result;
  if (!snapshot) result.push({ id: "debian-updates", url: archive("debian"), suite: `${release}-updates`, ...common });
  result.push({ id: "debian-security", url: central("debian-security"), suite: `${release}-security`, ...common });
  return result;
}

/** In the image debug symbols are always at hand. */
function imageRepositories(config: Config): readonly Repository[] {
  return repositoriesWith(forImage(config), true);
}

function isUnstable(release: string): boolean {
  return release === "sid" || release === "unstable";
}

function wantsDebugSymbols(config: Config): boolean {
  return [...config.packages, ...config.buildPackages, ...config.volatilePackages].some((name) =>
    name.includes("-dbgsym"),
  );
}

function releaseRemedy(release: string): string {
  const name = DEBIAN_VERSIONS[release.replace(/\..*$/, "")];
  if (name !== undefined && name !== release && Object.hasOwn(DEBIAN_RELEASES, name)) return `set Release=${name}`;
  if (DEBIAN_ARCHIVED.includes(name ?? release)) return "it has left the mirrors; set Mirror=http://archive.debian.org";
  return `${didYouMean(release, Object.keys(DEBIAN_RELEASES))}Release= takes ${Object.keys(DEBIAN_RELEASES).join(", ")}; for a release of your own mirror set Mirror= or LocalMirror=`;
}
