// Finds the distribution that an image is made of.

import type { Image } from "../config/project.ts";
import type { DistributionName } from "../facts/distributions.ts";
import { alma } from "./alma.ts";
import { arch } from "./arch.ts";
import { azure } from "./azure.ts";
import { centos } from "./centos.ts";
import { custom } from "./custom.ts";
import { debian } from "./debian.ts";
import type { Distribution } from "./distribution.ts";
import { fedora } from "./fedora.ts";
import { kali } from "./kali.ts";
import { mageia } from "./mageia.ts";
import { openmandriva } from "./openmandriva.ts";
import { opensuse } from "./opensuse.ts";
import { postmarketos } from "./postmarketos.ts";
import { rhel } from "./rhel.ts";
import { rhelUbi } from "./rhel-ubi.ts";
import { rocky } from "./rocky.ts";
import { ubuntu } from "./ubuntu.ts";

const ALL: Readonly<Record<DistributionName, Distribution>> = {
  alma,
  arch,
  azure,
  centos,
  custom,
  debian,
  fedora,
  kali,
  mageia,
  openmandriva,
  opensuse,
  postmarketos,
  rhel,
  "rhel-ubi": rhelUbi,
  rocky,
  ubuntu,
};

/** The distribution of an image. */
export function distributionOf({ config }: Image): Distribution {
  return ALL[config.distribution];
}
