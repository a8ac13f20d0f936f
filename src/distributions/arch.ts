// Arch Linux for x86-64, and Arch Linux ARM, which is a distribution of its own by the same name.

import type { Image } from "../config/project.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import type { Repository } from "../package-managers/manager.ts";
import { BASE_PACKAGES } from "../package-managers/pacman/install.ts";
import { pacman } from "../package-managers/pacman.ts";
import { Failure } from "../report/failure.ts";
import { didYouMean } from "../report/suggest.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, checkArchitecture, joinUrl } from "./naming.ts";
import { checkSnapshot, DAY } from "./snapshot-form.ts";

const ARCHITECTURES = { arm: "armv7h", arm64: "aarch64", "x86-64": "x86_64" } as const;

const MIRROR = "https://fastly.mirror.pkgbuild.com";
const ARM_MIRROR = "http://mirror.archlinuxarm.org";
export const ARCHIVE = "https://archive.archlinux.org";

/** Repositories that count when they are asked for, in the order in which pacman looks into them. */
const OPTIONAL = ["core-testing", "extra-testing", "multilib-testing", "multilib"];

export const arch: Distribution = {
  name: "arch",
  prettyName: DISTRIBUTIONS.arch.prettyName,
  packageManager: () => pacman,
  architecture: (config) => architectureName(config, ARCHITECTURES, "Arch Linux"),
  repositories,
  validate,
  basePackages: () => BASE_PACKAGES,
};

function repositories(config: Config): readonly Repository[] {
  const signed = config.repositoryKeyCheck ? { signedBy: "archlinux" } : {};
  if (config.localMirror) return [{ id: "core", url: config.localMirror, ...signed }];
  const architecture = architectureName(config, ARCHITECTURES, "Arch Linux");
  if (config.architecture !== "x86-64") {
    const mirror = config.mirror ?? ARM_MIRROR;
    return ["core", "extra", "alarm"].map((id) => ({ id, url: joinUrl(mirror, `${architecture}/${id}`), ...signed }));
  }
  const mirror = config.mirror ?? (config.snapshot ? ARCHIVE : MIRROR);
  const base = config.snapshot ? joinUrl(mirror, `repos/${config.snapshot}`) : mirror;
  const ids = [...OPTIONAL.filter((id) => config.repositories.includes(id)), "core", "extra"];
  return ids.map((id) => ({ id, url: joinUrl(base, `${id}/os/${architecture}`), ...signed }));
}

function validate(image: Image): void {
  const { config } = image;
  checkArchitecture(image, ARCHITECTURES, "Arch Linux");
  if (config.snapshot && config.architecture !== "x86-64") {
    throw new Failure("Arch Linux ARM has no snapshots of its repositories", {
      origin: image.origin("snapshot"),
      remedy: "remove Snapshot=",
    });
  }
  checkSnapshot(image, "Arch Linux", DAY);
  if (config.localMirror) return;
  if (config.release !== "rolling") {
    throw new Failure(`Arch Linux has no release ${JSON.stringify(config.release)}`, {
      origin: image.origin("release"),
      remedy: "it has no releases: remove Release=; Snapshot= takes its packages as they were on a day",
    });
  }
  const known = config.architecture === "x86-64" ? [...OPTIONAL, "core", "extra"] : ["core", "extra", "alarm"];
  const unknown = config.repositories.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Failure(`Arch Linux has no repository ${JSON.stringify(unknown)}`, {
      origin: image.origin("repositories", unknown),
      remedy: `${didYouMean(unknown, known)}Repositories= takes ${known.join(", ")}; one of your own goes into etc/pacman.d/*.conf of a sandbox tree`,
    });
  }
}
