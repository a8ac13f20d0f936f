// The rpm repositories that each distribution's mirrors have, as real paths below the mirror.

import type { RELEASES } from "./synthetic.ts";

export interface RpmRepository {
  readonly path: string;
  readonly contents: readonly ("base" | "applications" | "updates")[];
  readonly release?: keyof typeof RELEASES;
  /** Is repomd.xml signed? */
  readonly isSigned: boolean;
  /** Directory of the packages. */
  readonly packages: string;
}

const repository = (
  path: string,
  contents: RpmRepository["contents"],
  more: Partial<RpmRepository> = {},
): RpmRepository => ({ path, contents, isSigned: true, packages: "Packages", ...more });

const ALL = ["base", "applications"] as const;

/** BaseOS, AppStream, CRB and extras, as Rocky and Alma have them. */
function enterprise(root: string, release: string, extras = `${root}/extras/x86_64/os`): RpmRepository[] {
  return [
    repository(`${root}/BaseOS/x86_64/os`, ["base"], { release }),
    repository(`${root}/AppStream/x86_64/os`, ["applications"]),
    repository(`${root}/CRB/x86_64/os`, []),
    repository(extras, ["updates"]),
  ];
}

function redHat(root: string): RpmRepository[] {
  return [
    repository(`${root}/baseos/os`, ["base"], { release: "redhat-release" }),
    repository(`${root}/appstream/os`, ["applications"]),
    repository(`${root}/codeready-builder/os`, ["updates"]),
  ];
}

const suse = { packages: "x86_64" };

export const RPM_REPOSITORIES: readonly RpmRepository[] = [
  repository("fedora/linux/releases/43/Everything/x86_64/os", ALL, { release: "fedora-release", isSigned: false }),
  repository("fedora/linux/updates/43/Everything/x86_64", ["updates"], { isSigned: false }),
  repository("fedora/linux/updates/testing/43/Everything/x86_64", [], { isSigned: false }),
  repository("fedora/epel/10/Everything/x86_64", [], { isSigned: false }),
  ...enterprise("centos/10-stream", "centos-stream-release", "centos/SIGs/10-stream/extras/x86_64/extras-common"),
  ...enterprise("rocky/10", "rocky-release"),
  ...enterprise("alma/10", "almalinux-release"),
  ...redHat("rhel/rhel10/10/x86_64"),
  ...redHat("rhel-ubi/ubi10/10/x86_64"),
  repository("azure/3.0/prod/base/x86_64", ALL, { release: "azurelinux-release" }),
  repository("azure/3.0/prod/extended/x86_64", ["updates"]),
  ...["ms-oss", "ms-non-oss", "cloud-native", "nvidia"].map((name) => repository(`azure/3.0/prod/${name}/x86_64`, [])),
  repository("mageia/distrib/9/x86_64/media/core/release", ALL, { release: "mageia-release" }),
  repository("mageia/distrib/9/x86_64/media/core/updates", ["updates"]),
  repository("openmandriva/cooker/repository/x86_64/main/release", ALL, { release: "openmandriva-release" }),
  repository("openmandriva/cooker/repository/x86_64/main/updates", ["updates"]),
  repository("opensuse/tumbleweed/repo/oss", ALL, { release: "openSUSE-release", ...suse }),
  repository("opensuse/update/tumbleweed", ["updates"], suse),
  repository("opensuse/distribution/leap/16.0/repo/oss", ALL, { release: "Leap-release", ...suse }),
];

/** Other places of the same files: other releases, and snapshots. */
export const LINKS: Readonly<Record<string, string>> = {
  "fedora/linux/releases/42": "43",
  "fedora/linux/releases/44": "43",
  "fedora/linux/updates/42": "43",
  "fedora/linux/updates/44": "43",
  "fedora/linux/updates/testing/42": "43",
  "fedora/linux/updates/testing/44": "43",
  "fedora/linux/development/rawhide": "../releases/43",
  "fedora/compose/rawhide/Fedora-Rawhide-20250615.n.0/compose": "../../../linux/releases/43",
  "fedora/epel/9": "10",
  "centos/9-stream": "10-stream",
  "centos/SIGs/9-stream": "10-stream",
  "centos-composes/stream-10/production/CentOS-Stream-10-20250615.0/compose": "../../../../centos/10-stream",
  "rocky/9": "10",
  "alma/9": "10",
  "rhel/rhel9/9": "../rhel10/10",
  "rhel-ubi/ubi9/9": "../ubi10/10",
  "mageia/distrib/cauldron": "9",
  "opensuse/distribution/openSUSE-current": "leap/16.0",
  "opensuse/distribution/leap/15.6": "16.0",
  "opensuse/update/leap/15.6/oss": "../../../tumbleweed",
  "opensuse/history/20250615/tumbleweed": "../../tumbleweed",
  "arch/repos/2025/06/15/core": "../../../../core",
  "arch/repos/2025/06/15/extra": "../../../../extra",
};

/** What names the latest snapshot. */
export const FILES: Readonly<Record<string, string>> = {
  "fedora/compose/rawhide/latest-Fedora-Rawhide/COMPOSE_ID": "Fedora-Rawhide-20250615.n.0",
  "centos-composes/stream-10/production/latest-CentOS-Stream/COMPOSE_ID": "CentOS-Stream-10-20250615.0",
  "opensuse/history/latest": "20250615\n",
  "arch/repos/last/lastsync": "1750000000\n",
};
