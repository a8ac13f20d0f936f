// Azure Linux.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { AZURE_ARCHITECTURES, azureKey } from "../facts/rpm.ts";
import { dnf } from "../package-managers/dnf.ts";
import type { Repository } from "../package-managers/manager.ts";
import { OLD_DATABASE } from "../package-managers/rpm/database.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, repository, validateRpm } from "./rpm.ts";

const MIRROR = "https://packages.microsoft.com/azurelinux";

const MAIN = ["base", "extended", "ms-oss", "ms-non-oss", "cloud-native", "nvidia"];
const WITH_DEBUG = ["base", "cloud-native", "extended"];
const WITH_SOURCE = ["base", "cloud-native", "extended", "ms-oss"];

const { prettyName } = DISTRIBUTIONS.azure;
const architecture = (config: Config) => architectureName(config, AZURE_ARCHITECTURES, prettyName);
const basePackages = baseRequests("filesystem", "azurelinux-release");

export const azure: Distribution = {
  name: "azure",
  prettyName,
  packageManager: () => dnf({ database: OLD_DATABASE, fileLists: false }, basePackages),
  architecture,
  repositories,
  validate: (image) =>
    validateRpm(image, {
      prettyName,
      architectures: AZURE_ARCHITECTURES,
      repositories,
      release: { pattern: /^\d+\.\d+$/, remedy: "Release= takes a number such as 3.0" },
    }),
  basePackages: () => basePackages,
};

function repositories(config: Config): readonly Repository[] {
  const keys = [azureKey];
  if (config.localMirror) return [repository("base", config.localMirror, keys)];
  const arch = architecture(config);
  const place = (path: string) => joinUrl(config.mirror ?? MIRROR, `${config.release}/${path}`);
  const optional = (id: string, path: string) => repository(id, place(path), keys, { optional: true });
  // of those to come, one is written in capitals
  const preview = (name: string) => (name === "nvidia" ? "NVIDIA" : name);
  return [
    ...MAIN.flatMap((name) => [
      repository(name, place(`prod/${name}/${arch}`), keys),
      optional(`${preview(name)}-preview`, `preview/${preview(name)}/${arch}`),
    ]),
    ...WITH_DEBUG.flatMap((name) => [
      optional(`${name}-debuginfo`, `prod/${name}/debuginfo/${arch}`),
      optional(`${name}-preview-debuginfo`, `preview/${name}/debuginfo/${arch}`),
    ]),
    ...WITH_SOURCE.flatMap((name) => [
      optional(`${name}-source`, `prod/${name}/srpms`),
      optional(`${name}-preview-source`, `preview/${name}/srpms`),
    ]),
  ];
}
