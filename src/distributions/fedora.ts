// Fedora Linux: numbered releases with updates, rawhide, and ELN, which is rawhide built as the next RHEL.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { FEDORA_ARCHITECTURES, fedoraKey } from "../facts/rpm.ts";
import { dnf } from "../package-managers/dnf.ts";
import type { Repository, RepositoryKey } from "../package-managers/manager.ts";
import { DATABASE } from "../package-managers/rpm/database.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, repository, validateRpm } from "./rpm.ts";
import { RAWHIDE } from "./snapshot-form.ts";

const LISTS = "https://mirrors.fedoraproject.org/metalink";
const COMPOSES = "https://kojipkgs.fedoraproject.org";
const ELN = "https://dl.fedoraproject.org/pub/eln/1";

const { prettyName } = DISTRIBUTIONS.fedora;
const architecture = (config: Config) => architectureName(config, FEDORA_ARCHITECTURES, prettyName);
const basePackages = baseRequests("basesystem");

export const fedora: Distribution = {
  name: "fedora",
  prettyName,
  packageManager: () => dnf({ database: DATABASE, fileLists: false }, basePackages),
  architecture,
  repositories,
  validate: (image) =>
    validateRpm(image, {
      prettyName,
      architectures: FEDORA_ARCHITECTURES,
      repositories,
      release: {
        pattern: /^(?:\d+|rawhide|eln)$/,
        remedy: "Release= takes a number such as 43, rawhide, or eln",
        names: ["rawhide", "eln"],
      },
      ...(image.config.release === "rawhide" ? { snapshots: RAWHIDE } : {}),
    }),
  basePackages: () => basePackages,
};

function repositories(config: Config): readonly Repository[] {
  const { release, localMirror, mirror } = config;
  const isRolling = release === "rawhide" || release === "eln";
  const keys: readonly RepositoryKey[] = [
    isRolling ? { ...fedoraKey("rawhide"), neighbours: true } : fedoraKey(release),
  ];
  if (localMirror) return [repository("fedora", localMirror, keys)];
  const arch = architecture(config);
  if (release === "eln") {
    return ["AppStream", "BaseOS", "Extras", "CRB"].flatMap((name) =>
      variants(
        name.toLowerCase(),
        keys,
        {},
        {
          binary: joinUrl(mirror ?? ELN, `${name}/${arch}/os`),
          debug: joinUrl(mirror ?? ELN, `${name}/${arch}/debug/tree`),
          source: joinUrl(mirror ?? ELN, `${name}/source/tree`),
        },
      ),
    );
  }
  if (config.snapshot) {
    const compose = `compose/rawhide/Fedora-Rawhide-${config.snapshot}/compose/Everything`;
    return variants("fedora", keys, {}, tree(joinUrl(mirror ?? COMPOSES, compose), arch));
  }
  if (mirror) {
    if (release === "rawhide")
      return variants("fedora", keys, {}, tree(joinUrl(mirror, "linux/development/rawhide/Everything"), arch));
    const updates = (path: string) => ({
      binary: joinUrl(mirror, `${path}/${arch}`),
      debug: joinUrl(mirror, `${path}/${arch}/debug`),
      source: joinUrl(mirror, `${path}/source/tree`),
    });
    return [
      ...variants("fedora", keys, {}, tree(joinUrl(mirror, `linux/releases/${release}/Everything`), arch)),
      ...variants("updates", keys, {}, updates(`linux/updates/${release}/Everything`)),
      ...variants("updates-testing", keys, OPTIONAL, updates(`linux/updates/testing/${release}/Everything`)),
    ];
  }
  const lists = (binary: string, debug: string, source: string) => ({
    binary: `${LISTS}?arch=${arch}&repo=${binary}`,
    debug: `${LISTS}?arch=${arch}&repo=${debug}`,
    source: `${LISTS}?arch=${arch}&repo=${source}`,
  });
  const main = lists(`fedora-${release}`, `fedora-debug-${release}`, `fedora-source-${release}`);
  if (release === "rawhide") return variants("fedora", keys, METALINK, main);
  return [
    ...variants("fedora", keys, METALINK, main),
    ...["released", "testing"].flatMap((name) =>
      variants(
        name === "released" ? "updates" : "updates-testing",
        keys,
        name === "released" ? METALINK : { ...METALINK, ...OPTIONAL },
        lists(`updates-${name}-f${release}`, `updates-${name}-debug-f${release}`, `updates-${name}-source-f${release}`),
      ),
    ),
  ];
}

const METALINK = { list: "metalink" } as const;
const OPTIONAL = { optional: true } as const;

interface Variants {
  readonly binary: string;
  readonly debug: string;
  readonly source: string;
}

function tree(url: string, arch: string): Variants {
  return { binary: `${url}/${arch}/os`, debug: `${url}/${arch}/debug/tree`, source: `${url}/source/tree` };
}

function variants(
  id: string,
  keys: readonly RepositoryKey[],
  more: Partial<Repository>,
  { binary, debug, source }: Variants,
): readonly Repository[] {
  return [
    repository(id, binary, keys, more),
    repository(`${id}-debuginfo`, debug, keys, { ...more, ...OPTIONAL }),
    repository(`${id}-source`, source, keys, { ...more, ...OPTIONAL }),
  ];
}
