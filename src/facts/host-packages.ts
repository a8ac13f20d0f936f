// The packages that have programs which are run on this machine, by the machine's package manager, for advice.

import type { PackageManagerName } from "./distributions.ts";

type Names = Readonly<Partial<Record<PackageManagerName, string>>> & { readonly default: string };

const PACKAGES: Readonly<Record<string, Names>> = {
  "apt-cache": { default: "apt" },
  "apt-get": { default: "apt" },
  bootctl: { apt: "systemd-boot-tools", dnf: "systemd-udev", default: "systemd" },
  bwrap: { default: "bubblewrap" },
  cpio: { default: "cpio" },
  createrepo_c: { default: "createrepo_c" },
  depmod: { default: "kmod" },
  dnf5: { default: "dnf5" },
  "dpkg-deb": { default: "dpkg" },
  flock: { default: "util-linux" },
  getfattr: { default: "attr" },
  mcopy: { default: "mtools" },
  "mkfs.ext4": { default: "e2fsprogs" },
  "mkfs.vfat": { default: "dosfstools" },
  mount: { apt: "mount", default: "util-linux" },
  newgidmap: { apt: "uidmap", dnf: "shadow-utils", apk: "shadow-subids", default: "shadow" },
  newuidmap: { apt: "uidmap", dnf: "shadow-utils", apk: "shadow-subids", default: "shadow" },
  openssl: { default: "openssl" },
  setfiles: { default: "policycoreutils" },
  setpriv: { default: "util-linux" },
  stty: { default: "coreutils" },
  "systemd-firstboot": { default: "systemd" },
  "systemd-repart": { apt: "systemd-repart", dnf: "systemd-udev", zypper: "systemd-experimental", default: "systemd" },
  ukify: { apt: "systemd-ukify", dnf: "systemd-ukify", zypper: "systemd-ukify", default: "systemd-ukify" },
  unshare: { default: "util-linux" },
  zstd: { default: "zstd" },
};

const INSTALL: Readonly<Record<PackageManagerName, string>> = {
  apt: "apt install",
  dnf: "dnf install",
  zypper: "zypper install",
  pacman: "pacman -S",
  apk: "apk add",
};

/** The package with a program; the program's own name where we do not know better. */
export function packageWith(program: string, manager: PackageManagerName | undefined): string {
  const names = PACKAGES[program];
  return (manager === undefined ? undefined : names?.[manager]) ?? names?.default ?? program;
}

/** What installs programs, for a person to type. */
export function installCommand(programs: readonly string[], manager: PackageManagerName | undefined): string {
  const packages = [...new Set(programs.map((program) => packageWith(program, manager)))].toSorted().join(" ");
  return manager === undefined ? `install ${packages}` : `as root: ${INSTALL[manager]} ${packages}`;
}
