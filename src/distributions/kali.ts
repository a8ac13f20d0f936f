// Kali Linux: one rolling suite on one mirror network.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { BASE_PACKAGES } from "../package-managers/apt/fetch.ts";
import type { Repository } from "../package-managers/manager.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import { localRepository, verifiedBy } from "./deb.ts";
import { aptWith, forImage } from "./deb-tree.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, checkArchitecture } from "./naming.ts";

const ARCHITECTURES = { arm: "armhf", arm64: "arm64", x86: "i386", "x86-64": "amd64" } as const;

export const kali: Distribution = {
  name: "kali",
  prettyName: DISTRIBUTIONS.kali.prettyName,
  packageManager: () => aptWith({ imageRepositories: (config) => repositories(forImage(config)) }),
  architecture: (config) => architectureName(config, ARCHITECTURES, "Kali Linux"),
  repositories,
  validate(image) {
    checkArchitecture(image, ARCHITECTURES, "Kali Linux");
    if (image.config.snapshot) {
      throw new Failure("Kali Linux has no snapshots of its repositories", {
        origin: image.origin("snapshot"),
        remedy: "remove Snapshot=",
      });
    }
  },
  basePackages: () => BASE_PACKAGES,
};

function repositories(config: Config): readonly Repository[] {
  if (config.localMirror) return [localRepository(config.localMirror, config.release)];
  const components = [...new Set(["main", ...config.repositories])];
  const keyring = verifiedBy(config, "/usr/share/keyrings/kali-archive-keyring.gpg");
  return [
    { id: "kali", url: config.mirror ?? "http://http.kali.org/kali", suite: config.release, components, ...keyring },
  ];
}
