// CentOS Stream, with the repositories of its special interest groups.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { centosKeys, hyperscaleKey, type KeyPlace } from "../facts/rpm.ts";
import type { Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import { enterpriseLinux, epel } from "./el.ts";
import { joinUrl } from "./naming.ts";
import { majorRelease, repository } from "./rpm.ts";

const LISTS = "https://mirrors.centos.org/metalink";
const BUILDS = "https://buildlogs.centos.org/centos";
const COMPOSES = "https://composes.stream.centos.org";

/** What the Hyperscale group has, each in a repository of its own. */
const HYPERSCALE = ["main", "experimental", "facebook", "hotfixes", "spin", "intel", "kernel"];

const OPTIONAL = { optional: true } as const;

export const centos = enterpriseLinux({
  name: "centos",
  prettyName: DISTRIBUTIONS.centos.prettyName,
  hasSnapshots: true,
  repositories(config, arch) {
    const { release, localMirror } = config;
    const major = majorRelease(release);
    const keys = centosKeys(major);
    if (localMirror) return [repository("AppStream", localMirror, keys)];
    const names = ["BaseOS", "AppStream", "CRB"];
    return [
      ...names.flatMap((name) => mainRepository(config, name, arch, keys)),
      ...(config.snapshot ? [] : extras(config, arch, keys)),
      ...epel(config, arch, { next: true }),
      ...HYPERSCALE.flatMap((name) => hyperscale(config, `packages-${name}`, arch)),
    ];
  },
});

function mainRepository(config: Config, name: string, arch: string, keys: readonly KeyPlace[]): readonly Repository[] {
  const { mirror, snapshot } = config;
  const major = majorRelease(config.release);
  const id = name.toLowerCase();
  if (mirror === null && !snapshot) {
    const list = (what: string, of = arch) => `${LISTS}?arch=${of}&repo=centos-${id}${what}-${major}-stream`;
    return [
      repository(id, list(""), keys, METALINK),
      repository(`${id}-debuginfo`, list("-debug"), keys, { ...METALINK, ...OPTIONAL }),
      repository(`${id}-source`, list("-source", "source"), keys, { ...METALINK, ...OPTIONAL }),
    ];
  }
  const place = snapshot
    ? joinUrl(mirror ?? COMPOSES, `stream-${major}/production/CentOS-Stream-${major}-${snapshot}/compose`)
    : joinUrl(mirror ?? "", `${major}-stream`);
  return [
    repository(id, `${place}/${name}/${arch}/os`, keys),
    repository(`${id}-debuginfo`, `${place}/${name}/${arch}/debug/tree`, keys, OPTIONAL),
    repository(`${id}-source`, `${place}/${name}/source/tree`, keys, OPTIONAL),
  ];
}

const METALINK = { list: "metalink" } as const;

function extras({ mirror, release }: Config, arch: string, keys: readonly KeyPlace[]): readonly Repository[] {
  const major = majorRelease(release);
  if (mirror === null) {
    const list = (what: string, of: string) =>
      `${LISTS}?arch=${of}&repo=centos-extras-sig-extras-common${what}-${major}-stream`;
    return [
      repository("extras", list("", arch), keys, METALINK),
      repository("extras-source", list("-source", "source"), keys, { ...METALINK, ...OPTIONAL }),
    ];
  }
  const place = joinUrl(mirror, `SIGs/${major}-stream/extras`);
  return [
    repository("extras", `${place}/${arch}/extras-common`, keys),
    repository("extras-source", `${place}/source/extras-common`, keys, OPTIONAL),
  ];
}

/** Newer versions of systemd and others; preferred to the distribution's where they are used. */
function hyperscale({ mirror, release }: Config, name: string, arch: string): readonly Repository[] {
  const major = majorRelease(release);
  const keys = [hyperscaleKey];
  const more = { ...OPTIONAL, options: { priority: "50" } };
  const id = `hyperscale-${name}`;
  if (mirror !== null) {
    const place = joinUrl(mirror, `SIGs/${major}-stream/hyperscale`);
    return [
      repository(id, `${place}/${arch}/${name}`, keys, more),
      repository(`${id}-debuginfo`, `${place}/${arch}/${name}/debug`, keys, more),
      repository(`${id}-source`, `${place}/source/${name}`, keys, more),
    ];
  }
  const list = (what: string, of = arch) =>
    `${LISTS}?arch=${of}&repo=centos-hyperscale-sig-${name}${what}-${major}-stream`;
  const builds = `${BUILDS}/${major}-stream/hyperscale/${arch}/${name}`;
  return [
    repository(id, list(""), keys, { ...METALINK, ...more }),
    repository(`${id}-debuginfo`, list("-debug"), keys, { ...METALINK, ...more }),
    repository(`${id}-source`, list("-source", "source"), keys, { ...METALINK, ...more }),
    repository(`${id}-testing`, builds, keys, more),
    repository(`${id}-testing-debuginfo`, builds, keys, more),
  ];
}
