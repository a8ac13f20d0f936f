// The files that rpm, dnf and zypper keep in an image for themselves.

import type { PackageMetadata } from "../manager.ts";

export const RPM_METADATA: readonly PackageMetadata[] = [
  { program: "rpm", paths: ["var/lib/rpm", "usr/lib/sysimage/rpm"] },
  { program: "dnf5", paths: ["usr/lib/sysimage/libdnf5", "var/cache/libdnf5", "var/lib/dnf5", "var/log/dnf5.log"] },
  { program: "dnf", paths: ["var/lib/dnf", "var/cache/dnf", "var/log/dnf.log", "var/log/hawkey.log"] },
  { program: "zypper", paths: ["var/lib/zypp", "var/cache/zypp", "var/log/zypp", "var/log/zypper.log"] },
];
