// What CentOS Stream and the distributions that follow RHEL have in common: EPEL, and where rpm has its database.

import { EL_ARCHITECTURES, epelKey } from "../facts/rpm.ts";
import { dnf } from "../package-managers/dnf.ts";
import type { PackageManager, PackageRequest, Repository } from "../package-managers/manager.ts";
import { DATABASE, OLD_DATABASE } from "../package-managers/rpm/database.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, joinUrl } from "./naming.ts";
import { baseRequests, majorRelease, repository, validateRpm } from "./rpm.ts";
import { STREAM } from "./snapshot-form.ts";

const LISTS = "https://mirrors.fedoraproject.org/metalink";

const basePackages: readonly PackageRequest[] = baseRequests("basesystem");

export interface EnterpriseLinux {
  readonly name: string;
  readonly prettyName: string;
  readonly repositories: (config: Config, architecture: string) => readonly Repository[];
  readonly hasSnapshots?: true;
}

/** A distribution with RHEL's releases. */
export function enterpriseLinux(own: EnterpriseLinux): Distribution {
  const { name, prettyName } = own;
  const architecture = (config: Config) => architectureName(config, EL_ARCHITECTURES, prettyName);
  const repositories = (config: Config) => own.repositories(config, architecture(config));
  return {
    name,
    prettyName,
    packageManager: (config) => elDnf(config),
    architecture,
    repositories,
    validate(image) {
      validateRpm(image, {
        prettyName,
        architectures: EL_ARCHITECTURES,
        repositories,
        release: { pattern: /^(?:9|[1-9]\d)(?:\.\d+)?$/, remedy: "Release= takes a number such as 9 or 10" },
        ...(own.hasSnapshots === true ? { snapshots: STREAM } : {}),
      });
    },
    basePackages: () => basePackages,
  };
}

function elDnf({ release }: Config): PackageManager {
  const major = majorRelease(release);
  return dnf(
    {
      database: major <= 9 ? OLD_DATABASE : DATABASE,
      fileLists: true,
      variables: { stream: `${major}-stream` },
    },
    basePackages,
  );
}

/** Extra Packages for Enterprise Linux, none of which is used unless Repositories= names it. */
export function epel(config: Config, arch: string, { next = false } = {}): readonly Repository[] {
  const major = majorRelease(config.release);
  const keys = [epelKey(major)];
  const sets: Readonly<Record<string, string>> = {
    epel: "",
    "epel-testing": "testing/",
    ...(next && major <= 9 ? { "epel-next": "next/", "epel-next-testing": "testing/next/" } : {}),
  };
  // beside the distribution's own directory, where mirrors of both have it
  const mirror = config.mirror === null ? undefined : joinUrl(config.mirror, "../fedora/epel");
  return Object.entries(sets).flatMap(([id, path]) =>
    (
      [
        ["", "", `Everything/${arch}`, arch],
        ["-debuginfo", "-debug", `Everything/${arch}/debug`, arch],
        ["-source", "-source", "Everything/source/tree", "source"],
      ] as const
    ).map(([suffix, kind, place, of]) =>
      mirror === undefined
        ? repository(`${id}${suffix}`, `${LISTS}?repo=${id}${kind}-${major}&arch=${of}`, keys, {
            list: "metalink",
            optional: true,
          })
        : repository(`${id}${suffix}`, normal(`${mirror}/${path}${major}/${place}`), keys, { optional: true }),
    ),
  );
}

/** Without `..` in its path. */
function normal(url: string): string {
  return new URL(url).href;
}
