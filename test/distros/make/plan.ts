// Which packages are made of which .debs: Fedora's names, with what else the built-in package lists of the distributions
// ask for as further names.

import { join } from "node:path";
import type { Deb } from "./debs.ts";
import type { Package } from "./package.ts";
import { SCRIPTLETS } from "./scriptlets.ts";

/** Debian's own machinery, which nobody else has. */
const LEFT_OUT = new Set(
  (
    "adduser cpio dash debconf dracut-install init-system-helpers initramfs-tools initramfs-tools-bin initramfs-tools-core klibc-utils " +
    "libdebconfclient0 libklibc linux-base linux-image-cloud-amd64"
  ).split(" "),
);

const MADE_OF: Readonly<Record<string, string>> = {
  dbus: "dbus dbus-bin dbus-daemon dbus-session-bus-common dbus-system-bus-common libdbus-1-3",
  e2fsprogs: "e2fsprogs logsave libcom-err2 libext2fs2t64 libss2",
  filesystem: "base-files base-passwd netbase",
  glibc: "libc6 libc-bin gcc-14-base libgcc-s1",
  kmod: "kmod libkmod2",
  pam: "libpam0g libpam-modules libpam-modules-bin libpam-runtime",
  "procps-ng": "procps libproc2-0",
  "shadow-utils": "passwd",
  systemd: "systemd systemd-sysv libsystemd-shared libpam-systemd systemd-repart",
  "systemd-boot-unsigned": "systemd-boot-efi systemd-boot-tools",
  "systemd-libs": "libsystemd0 libudev1",
  "systemd-udev": "udev",
  "util-linux": "util-linux mount login",
  "util-linux-libs": "libblkid1 libmount1 libsmartcols1 libuuid1 libfdisk1 liblastlog2-2",
};

const PROVIDES: Readonly<Record<string, { rpm: string; pacman: string }>> = {
  bash: { rpm: "/bin/sh /bin/bash /usr/bin/sh", pacman: "sh" },
  glibc: { rpm: "/sbin/ldconfig /usr/sbin/ldconfig", pacman: "" },
  "kernel-core": { rpm: "kernel kernel-modules-core", pacman: "" },
  "procps-ng": { rpm: "procps", pacman: "procps" },
  "shadow-utils": { rpm: "shadow", pacman: "" },
  systemd: { rpm: "/usr/bin/systemctl systemd-networkd systemd-resolved", pacman: "" },
  "systemd-boot-unsigned": { rpm: "systemd-boot", pacman: "" },
  "systemd-udev": { rpm: "udev", pacman: "udev" },
  "util-linux": { rpm: "util-linux-core", pacman: "" },
  "util-linux-libs": { rpm: "libfdisk libfdisk1", pacman: "libfdisk" },
};

/** What no control field says: libraries that are opened at run time, and Debian's essential packages. */
const MORE_DEPENDS: Readonly<Record<string, string>> = {
  kmod: "liblzma5 libzstd1 libssl3t64",
  systemd: "dbus findutils grep gzip kmod sed util-linux util-linux-libs",
};

/** The packages that are made of `debs`, with the directories (below `stage`) for their files, which are not there yet. */
export function plan(debs: readonly Deb[], stage: string): Package[] {
  const byName = new Map(debs.map((deb) => [deb.name, deb]));
  const packageOf = new Map<string, string>();
  for (const [name, list] of Object.entries(MADE_OF)) for (const deb of list.split(" ")) packageOf.set(deb, name);
  for (const { name } of debs) {
    if (packageOf.has(name) || LEFT_OUT.has(name)) continue;
    packageOf.set(name, name.startsWith("linux-image-") ? "kernel-core" : name);
  }
  const members = new Map<string, Deb[]>();
  for (const [deb, name] of packageOf) {
    const found = byName.get(deb);
    if (found !== undefined) members.set(name, [...(members.get(name) ?? []), found]);
  }
  return [...members].map(([name, made]) => {
    const [, epoch = "0", version = "", release = "1"] =
      /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(made[0]?.version ?? "") ?? [];
    const provides = PROVIDES[name];
    return {
      name,
      epoch: Number(epoch),
      version: version.replaceAll("-", "~"),
      release,
      noarch: made.every((deb) => deb.architecture === "all"),
      summary: made[0]?.summary ?? name,
      debs: made.map((deb) => deb.path),
      depends: dependsOf(name, made, packageOf, members),
      provides: { rpm: words(provides?.rpm), pacman: words(provides?.pacman) },
      recommends: name === "hello" ? ["hello-weak"] : [],
      scriptlets: SCRIPTLETS[name] ?? {},
      root: join(stage, name),
      part: name === "hello" ? "applications" : "base",
    };
  });
}

function dependsOf(
  name: string,
  debs: readonly Deb[],
  packageOf: ReadonlyMap<string, string>,
  members: ReadonlyMap<string, unknown>,
): Set<string> {
  if (name === "filesystem") return new Set(["setup"]);
  if (name === "kernel-core") return new Set(["bash", "coreutils", "filesystem", "kmod", "systemd-udev"]);
  const depends = new Set(["filesystem", ...words(MORE_DEPENDS[name])]);
  for (const alternatives of debs.flatMap((deb) => deb.depends)) {
    const first = alternatives.map((deb) => packageOf.get(deb) ?? "").find((candidate) => members.has(candidate));
    if (first !== undefined && first !== name) depends.add(first);
  }
  if (SCRIPTLETS[name] !== undefined) depends.add("bash").add("coreutils");
  return depends;
}

export function words(text = ""): string[] {
  return text.split(" ").filter((word) => word !== "");
}
