// The release of a distribution that is built when nobody names one and the host is not of that distribution.

import type { DistributionName } from "./distributions.ts";

export const DEFAULT_RELEASES: Readonly<Record<DistributionName, string>> = {
  fedora: "rawhide",
  debian: "testing",
  kali: "kali-rolling",
  ubuntu: "devel",
  postmarketos: "edge",
  arch: "rolling",
  opensuse: "tumbleweed",
  mageia: "cauldron",
  centos: "10",
  rhel: "10",
  "rhel-ubi": "10",
  openmandriva: "cooker",
  rocky: "10",
  alma: "10",
  azure: "3.0",
  custom: "",
};
