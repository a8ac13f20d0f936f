// openSUSE: Tumbleweed, which rolls, and Leap, which has releases.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { LEAP_KEYS, OPENSUSE_ARCHITECTURES, TUMBLEWEED_KEYS } from "../facts/rpm.ts";
import type { PackageRequest, Repository, RepositoryKey } from "../package-managers/manager.ts";
import { zypper } from "../package-managers/zypper.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, majorRelease, repository, validateRpm } from "./rpm.ts";
import { TUMBLEWEED } from "./snapshot-form.ts";

const MIRROR = "https://download.opensuse.org";

const { prettyName } = DISTRIBUTIONS.opensuse;
const architecture = (config: Config) => architectureName(config, OPENSUSE_ARCHITECTURES, prettyName);

const OPTIONAL = { optional: true } as const;

export const opensuse: Distribution = {
  name: "opensuse",
  prettyName,
  packageManager: (config) => zypper(basePackages(config)),
  architecture,
  repositories,
  validate: (image) =>
    validateRpm(image, {
      prettyName,
      architectures: OPENSUSE_ARCHITECTURES,
      repositories,
      release: {
        pattern: /^(?:tumbleweed|leap|current|stable|\d+\.\d+)$/,
        remedy: "Release= takes tumbleweed, leap (the current one), or a number such as 15.6",
        names: ["tumbleweed", "leap", "current", "stable"],
      },
      ...(image.config.release === "tumbleweed" ? { snapshots: TUMBLEWEED } : {}),
    }),
  basePackages,
};

/** Nothing but the package of the release says which distribution it is. */
function basePackages({ release }: Config): readonly PackageRequest[] {
  return baseRequests("filesystem", release === "tumbleweed" ? "openSUSE-release" : "Leap-release");
}

function repositories(config: Config): readonly Repository[] {
  const { release, localMirror, snapshot } = config;
  if (localMirror) return [repository("local-mirror", localMirror, [])];
  const isTumbleweed = release === "tumbleweed";
  const keys = (isTumbleweed ? TUMBLEWEED_KEYS : LEAP_KEYS).map((path): RepositoryKey => ({ path }));
  const arch = architecture(config);
  const mirror = joinUrl(config.mirror ?? MIRROR, arch === "x86_64" ? "" : `ports/${arch}/`);
  const optional = (id: string, path: string) => repository(id, `${mirror}${path}`, keys, OPTIONAL);
  if (snapshot) {
    const place = `history/${snapshot}/tumbleweed/repo`;
    return [repository("oss", `${mirror}${place}/oss`, keys), optional("non-oss", `${place}/non-oss`)];
  }
  if (isTumbleweed) {
    return [
      repository("oss", `${mirror}tumbleweed/repo/oss`, keys),
      optional("oss-debug", "debug/tumbleweed/repo/oss"),
      optional("oss-source", "source/tumbleweed/repo/oss"),
      optional("non-oss", "tumbleweed/repo/non-oss"),
      repository("oss-update", `${mirror}update/tumbleweed`, keys),
      optional("non-oss-update", "update/tumbleweed-non-oss"),
    ];
  }
  const isNumber = /^\d/.test(release);
  const place = `distribution/${isNumber ? `leap/${release}` : "openSUSE-current"}/repo`;
  // From 16 on, updates come to the same place.
  const updates = isNumber && majorRelease(release) < 16 ? `update/leap/${release}` : place;
  return [
    repository("oss", `${mirror}${place}/oss`, keys),
    optional("non-oss", `${place}/non-oss`),
    optional("oss-debug", `debug/${place}/oss`),
    optional("non-oss-debug", `debug/${place}/non-oss`),
    optional("oss-source", `source/${place}/oss`),
    optional("non-oss-source", `source/${place}/non-oss`),
    repository("oss-update", `${mirror}${updates}/oss`, keys),
    optional("non-oss-update", `${updates}/non-oss`),
  ];
}
