// Debian's releases, architecture names and the directories of a merged /usr: data that changes with Debian, not with us.

export interface DebianRelease {
  /** Has `-updates` and `-security` suites beside its own. */
  readonly updates: boolean;
}

/** Suites that deb.debian.org has, by every name they go by. */
export const DEBIAN_RELEASES: Readonly<Record<string, DebianRelease>> = {
  bullseye: { updates: true },
  bookworm: { updates: true },
  trixie: { updates: true },
  forky: { updates: true },
  oldoldstable: { updates: true },
  oldstable: { updates: true },
  stable: { updates: true },
  testing: { updates: true },
  sid: { updates: false },
  unstable: { updates: false },
};

/** Version numbers, for the message to somebody who asks for `Release=13`. */
export const DEBIAN_VERSIONS: Readonly<Record<string, string>> = {
  "10": "buster",
  "11": "bullseye",
  "12": "bookworm",
  "13": "trixie",
  "14": "forky",
};

/** Releases that have left the mirrors for archive.debian.org. */
export const DEBIAN_ARCHIVED: readonly string[] = ["buster", "stretch", "jessie", "wheezy", "squeeze"];

/** Areas of the archive beside `main`, which is always there. */
export const DEBIAN_COMPONENTS: readonly string[] = ["main", "contrib", "non-free", "non-free-firmware"];

export const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Our architecture names in the words of dpkg. */
export const DEB_ARCHITECTURES: Readonly<Record<string, string>> = {
  alpha: "alpha",
  arm: "armhf",
  arm64: "arm64",
  ia64: "ia64",
  loongarch64: "loong64",
  "mips-le": "mipsel",
  "mips64-le": "mips64el",
  parisc: "hppa",
  ppc: "powerpc",
  ppc64: "ppc64",
  "ppc64-le": "ppc64el",
  riscv64: "riscv64",
  s390: "s390",
  s390x: "s390x",
  x86: "i386",
  "x86-64": "amd64",
};

/** Top-level library directories, beside bin, sbin and lib, that are links into /usr, by dpkg's architecture name. */
export const USR_MERGE_DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  amd64: ["lib32", "lib64", "libx32"],
  i386: ["lib64", "libx32"],
  loong64: ["lib32", "lib64"],
  mips64el: ["lib32", "lib64", "libo32"],
  mipsel: ["lib32", "lib64"],
  powerpc: ["lib64"],
  ppc64: ["lib32", "lib64"],
  ppc64el: ["lib64"],
  s390x: ["lib32"],
};
