// postmarketOS: its own repositories on top of Alpine Linux's, which have a mirror of their own.

import type { Image } from "../config/project.ts";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { apkWith } from "../package-managers/apk.ts";
import type { PackageRequest, Repository } from "../package-managers/manager.ts";
import { Failure } from "../report/failure.ts";
import type { Config } from "../settings/index.ts";
import type { Distribution } from "./distribution.ts";
import { architectureName, checkArchitecture, joinUrl } from "./naming.ts";

const ARCHITECTURES = {
  arm: "armv7",
  arm64: "aarch64",
  loongarch64: "loongarch64",
  "ppc64-le": "ppc64le",
  riscv64: "riscv64",
  x86: "x86",
  "x86-64": "x86_64",
} as const;

const MIRROR = "https://mirror.postmarketos.org/postmarketos";
const ALPINE = "https://dl-cdn.alpinelinux.org/alpine/edge";

const BASE_PACKAGES: readonly PackageRequest[] = ["postmarketos-baselayout", "postmarketos-release"].map((spec) => ({
  spec,
  setting: undefined,
  origin: undefined,
}));

export const postmarketos: Distribution = {
  name: "postmarketos",
  prettyName: DISTRIBUTIONS.postmarketos.prettyName,
  packageManager: () => apkWith(BASE_PACKAGES),
  architecture: (config) => architectureName(config, ARCHITECTURES, "postmarketOS"),
  repositories,
  validate,
  basePackages: () => BASE_PACKAGES,
};

function repositories(config: Config): readonly Repository[] {
  const signed = config.repositoryKeyCheck ? { signedBy: "/etc/apk/keys" } : {};
  if (config.localMirror) return [{ id: "local-mirror", url: config.localMirror, ...signed }];
  const mirror = config.mirror ?? MIRROR;
  return [
    ...["main", "community", "testing"].map((name) => ({
      id: `alpine-${name}`,
      url: joinUrl(ALPINE, name),
      ...signed,
    })),
    { id: "postmarketos-systemd", url: joinUrl(mirror, "extra-repos/systemd/main"), ...signed },
    { id: "postmarketos", url: joinUrl(mirror, "main"), ...signed },
  ];
}

function validate(image: Image): void {
  const { config } = image;
  checkArchitecture(image, ARCHITECTURES, "postmarketOS");
  if (config.release !== "edge") {
    throw new Failure(`postmarketOS has no release ${JSON.stringify(config.release)} that can be installed`, {
      origin: image.origin("release"),
      remedy: "set Release=edge: only there the system is systemd's",
    });
  }
  if (config.snapshot) {
    throw new Failure("postmarketOS has no snapshots of its repositories", {
      origin: image.origin("snapshot"),
      remedy: "remove Snapshot=",
    });
  }
}
