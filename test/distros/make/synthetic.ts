// Packages that no .deb is behind: users and groups, each distribution's release files, names only, a weak dependency.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "../keys.ts";
import type { Package } from "./package.ts";
import { words } from "./plan.ts";
import { put, putLink } from "./stage.ts";

/** Names that built-in package lists ask for and of which nothing has to be there. */
const NAMES =
  "abattis-cantarell-fonts btrfs-progs btrfsprogs cantarell-fonts cryptsetup-libs dbus-broker dbus-broker-units " +
  "distribution-logos-openSUSE-Tumbleweed gawk grub2 iproute iproute2 iputils libcryptsetup12 libfido2 libfido2-1 libnfsidmap " +
  "libnfsidmap1 libseccomp libseccomp2 libtss2-esys0 libtss2-mu0 libtss2-rc0 libtss2-tcti-device0 lvm2 mdadm nano nfs-client " +
  "nfs-utils p11-kit plymouth plymouth-branding-openSUSE plymouth-system-theme polkit strace systemd-container systemd-network " +
  "tpm2-tss tpm2.0-tools xfsprogs xz";

interface Made extends Partial<Omit<Package, "name" | "depends">> {
  readonly depends?: readonly string[];
  /** Text, or the target of a link in a list. */
  readonly files?: Readonly<Record<string, string | readonly [string]>>;
}

function make(stage: string, name: string, made: Made): Package {
  const root = join(stage, made.root ?? name);
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(made.files ?? {})) {
    if (typeof content === "string") put(join(root, path), content);
    else putLink(join(root, path), content[0]);
  }
  const depends = new Set(made.depends ?? ["filesystem"]);
  return {
    epoch: 0,
    version: "1",
    release: "1",
    noarch: true,
    summary: name,
    debs: [],
    provides: { rpm: [], pacman: [] },
    recommends: [],
    scriptlets: {},
    part: "base",
    ...made,
    name,
    depends,
    root,
  };
}

/** What is the same for rpm and pacman. `setup` has files already. */
export function commonPackages(stage: string, real: readonly Package[]): Package[] {
  const taken = new Set(real.flatMap(({ name, provides }) => [name, ...provides.rpm]));
  const names = words(NAMES).filter((name) => !taken.has(name));
  const owners = [
    "group(mail)",
    "group(messagebus)",
    "group(shadow)",
    "group(staff)",
    "group(systemd-network)",
    "group(tty)",
  ];
  const users = ["group(utmp)", "user(messagebus)", "user(systemd-network)"];
  return [
    make(stage, "setup", {
      version: "2.15",
      summary: "Users and groups",
      depends: [],
      provides: { rpm: [...owners, ...users], pacman: [] },
    }),
    make(stage, "names-only", { provides: { rpm: names, pacman: names } }),
    make(stage, "hello-weak", {
      summary: "What hello recommends",
      files: { "usr/share/hello-weak/weak": "weak\n", "usr/share/doc/hello-weak/README": "documentation\n" },
      part: "applications",
    }),
  ];
}

/** The minimal sets of the rpm distributions. */
export function rpmPackages(stage: string): Package[] {
  const depends = ["filesystem", "bash", "coreutils", "glibc"];
  return [
    make(stage, "sysuser-shadow", { summary: "Makes users for other packages" }),
    make(stage, "basesystem", { version: "11", summary: "The skeleton", depends }),
    make(stage, "patterns-base-minimal_base", {
      summary: "A pattern",
      depends,
      provides: {
        rpm: ["pattern()=minimal_base", "pattern-icon()=pattern-basis", "pattern-order()=1010", "pattern-visible()"],
        pacman: [],
      },
    }),
  ];
}

export interface Release {
  readonly version: string;
  readonly osRelease: Readonly<Record<string, string>>;
}

/** Each distribution's release package. */
export const RELEASES: Readonly<Record<string, Release>> = {
  "almalinux-release": {
    version: "10",
    osRelease: { ID: "almalinux", ID_LIKE: "rhel centos fedora", NAME: "AlmaLinux" },
  },
  "azurelinux-release": { version: "3.0", osRelease: { ID: "azurelinux", NAME: "Microsoft Azure Linux" } },
  "centos-stream-release": {
    version: "10",
    osRelease: { ID: "centos", ID_LIKE: "rhel fedora", NAME: "CentOS Stream" },
  },
  "fedora-release": { version: "43", osRelease: { ID: "fedora", NAME: "Fedora Linux" } },
  "Leap-release": {
    version: "16.0",
    osRelease: { ID: "opensuse-leap", ID_LIKE: "suse opensuse", NAME: "openSUSE Leap" },
  },
  "mageia-release": { version: "9", osRelease: { ID: "mageia", ID_LIKE: "mandriva fedora", NAME: "Mageia" } },
  "openmandriva-release": {
    version: "25.90",
    osRelease: { ID: "openmandriva", ID_LIKE: "mandrake mandriva", NAME: "OpenMandriva Lx" },
  },
  "openSUSE-release": {
    version: "20250615",
    osRelease: { ID: "opensuse-tumbleweed", ID_LIKE: "opensuse suse", NAME: "openSUSE Tumbleweed" },
  },
  "redhat-release": { version: "10", osRelease: { ID: "rhel", ID_LIKE: "fedora", NAME: "Red Hat Enterprise Linux" } },
  "rocky-release": { version: "10", osRelease: { ID: "rocky", ID_LIKE: "rhel centos fedora", NAME: "Rocky Linux" } },
};

export function releasePackages(stage: string): Package[] {
  return Object.entries(RELEASES).map(([name, { version, osRelease }]) =>
    make(stage, name, {
      version,
      summary: `${osRelease["NAME"]} release files`,
      depends: [],
      root: join("release", name),
      provides: { rpm: ["system-release"], pacman: [] },
      files: osReleaseFiles({
        ...osRelease,
        VERSION_ID: version,
        PRETTY_NAME: `${osRelease["NAME"]} ${version} (test)`,
      }),
      part: "release",
    }),
  );
}

function osReleaseFiles(fields: Readonly<Record<string, string>>): NonNullable<Made["files"]> {
  const text = Object.entries(fields).map(([name, value]) => `${name}="${value}"\n`);
  return { "usr/lib/os-release": text.join(""), "etc/os-release": ["../usr/lib/os-release"] };
}

/** Arch's minimal set and its keys, with os-release in a package that `filesystem` needs. */
export function archPackages(stage: string, key: string): Package[] {
  const keyring = (name: string) => `usr/share/pacman/keyrings/archlinux${name}`;
  return [
    // What it depends on is not there: it is fetched for its keys, and not installed.
    make(stage, "archlinux-keyring", {
      version: "20250615",
      depends: ["pacman"],
      files: {
        [keyring(".gpg")]: readFileSync(join(key, "public.asc"), "utf8"),
        [keyring("-trusted")]: `${fingerprint(key)}:4:\n`,
        [keyring("-revoked")]: "",
      },
    }),
    make(stage, "base", {
      version: "3",
      summary: "Minimal package set",
      depends: ["filesystem", "bash", "coreutils", "systemd", "util-linux"],
    }),
    make(stage, "arch-release", {
      depends: [],
      files: osReleaseFiles({ ID: "arch", NAME: "Arch Linux", PRETTY_NAME: "Arch Linux (test)", BUILD_ID: "rolling" }),
    }),
  ];
}
