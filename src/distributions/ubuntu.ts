// Ubuntu: x86 on its main mirrors, all other architectures on the ports mirror.

import { DEB_ARCHITECTURES } from "../facts/debian.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { BASE_PACKAGES } from "../package-managers/apt/fetch.ts";
import type { Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import { localRepository, verifiedBy } from "./deb.ts";
import { aptWith, enablePartitionDiscovery, forImage } from "./deb-tree.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, checkArchitecture } from "./naming.ts";
import { checkSnapshot, TIME } from "./snapshot-form.ts";

const KEYRING = "/usr/share/keyrings/ubuntu-archive-keyring.gpg";
const PORTS = "http://ports.ubuntu.com";

export const ubuntu: Distribution = {
  name: "ubuntu",
  prettyName: DISTRIBUTIONS.ubuntu.prettyName,
  packageManager: () =>
    aptWith({ imageRepositories: (config) => repositories(forImage(config)), afterInstall: enablePartitionDiscovery }),
  architecture: (config) => architectureName(config, DEB_ARCHITECTURES, "Ubuntu"),
  repositories,
  validate(image) {
    checkArchitecture(image, DEB_ARCHITECTURES, "Ubuntu");
    checkSnapshot(image, "Ubuntu", TIME);
  },
  basePackages: () => BASE_PACKAGES,
};

function repositories(config: Config): readonly Repository[] {
  const { release } = config;
  if (config.localMirror) return [localRepository(config.localMirror, release)];
  const x86 = config.architecture === "x86-64" || config.architecture === "x86";
  const mirror = config.mirror ?? (x86 ? "http://archive.ubuntu.com/ubuntu" : PORTS);
  const common = {
    components: [...new Set(["main", ...config.repositories])],
    ...verifiedBy(config, KEYRING),
    // apt asks Ubuntu's servers for the state of that time by itself
    ...(config.snapshot ? { snapshot: config.snapshot } : {}),
  };
  return [
    { id: "ubuntu", url: mirror, suite: release, ...common },
    { id: "ubuntu-updates", url: mirror, suite: `${release}-updates`, ...common },
    // security updates are not mirrored
    {
      id: "ubuntu-security",
      url: x86 ? "http://security.ubuntu.com/ubuntu" : PORTS,
      suite: `${release}-security`,
      ...common,
    },
  ];
}
