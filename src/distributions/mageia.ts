// Mageia.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { MAGEIA_ARCHITECTURES, mageiaKey } from "../facts/rpm.ts";
import { dnf } from "../package-managers/dnf.ts";
import type { Repository } from "../package-managers/manager.ts";
import { DATABASE } from "../package-managers/rpm/database.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, repository, validateRpm } from "./rpm.ts";

const LISTS = "https://www.mageia.org/mirrorlist/";

const { prettyName } = DISTRIBUTIONS.mageia;
const architecture = (config: Config) => architectureName(config, MAGEIA_ARCHITECTURES, prettyName);
const basePackages = baseRequests("filesystem");

export const mageia: Distribution = {
  name: "mageia",
  prettyName,
  packageManager: () => dnf({ database: DATABASE, fileLists: false }, basePackages),
  architecture,
  repositories,
  validate: (image) =>
    validateRpm(image, {
      prettyName,
      architectures: MAGEIA_ARCHITECTURES,
      repositories,
      release: { pattern: /^(?:\d+|cauldron)$/, remedy: "Release= takes a number such as 9, or cauldron" },
    }),
  basePackages: () => basePackages,
};

function repositories(config: Config): readonly Repository[] {
  const { release, localMirror, mirror } = config;
  const arch = architecture(config);
  const keys = [mageiaKey(release, arch)];
  if (localMirror) return [repository("core-release", localMirror, keys)];
  return ["release", "updates"].map((name) =>
    mirror === null
      ? repository(`core-${name}`, `${LISTS}?release=${release}&arch=${arch}&section=core&repo=${name}`, keys, {
          list: "mirrorlist",
        })
      : repository(`core-${name}`, joinUrl(mirror, `distrib/${release}/${arch}/media/core/${name}`), keys),
  );
}
