// OpenMandriva Lx.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { OPENMANDRIVA_ARCHITECTURES, openmandrivaKey } from "../facts/rpm.ts";
import { dnf } from "../package-managers/dnf.ts";
import type { Repository } from "../package-managers/manager.ts";
import { DATABASE } from "../package-managers/rpm/database.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, repository, validateRpm } from "./rpm.ts";

const MIRROR = "http://mirror.openmandriva.org";

const { prettyName } = DISTRIBUTIONS.openmandriva;
const architecture = (config: Config) => architectureName(config, OPENMANDRIVA_ARCHITECTURES, prettyName);
const basePackages = baseRequests("filesystem");

export const openmandriva: Distribution = {
  name: "openmandriva",
  prettyName,
  packageManager: () => dnf({ database: DATABASE, fileLists: false }, basePackages),
  architecture,
  repositories,
  validate: (image) =>
    validateRpm(image, {
      prettyName,
      architectures: OPENMANDRIVA_ARCHITECTURES,
      repositories,
      release: {
        pattern: /^(?:\d+(?:\.\d+)?|cooker|rolling|rock)$/,
        remedy: "Release= takes cooker, rolling, rock, or a number such as 6.0",
      },
    }),
  basePackages: () => basePackages,
};

function repositories(config: Config): readonly Repository[] {
  const { release, localMirror, mirror } = config;
  const keys = [openmandrivaKey];
  if (localMirror) return [repository("main-release", localMirror, keys)];
  const arch = architecture(config);
  return ["release", "updates"].map((name) =>
    repository(`main-${name}`, joinUrl(mirror ?? MIRROR, `${release}/repository/${arch}/main/${name}`), keys),
  );
}
