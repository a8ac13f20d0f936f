// What is compared: each case is one project and one command line that both programs understand.

import type { MirrorName } from "../test/distros/mirror.ts";
import type { Tree } from "../test/support/project.ts";
import { GREETING, MACHINE_CONF, makeMachine } from "./machines.ts";

export interface Case {
  readonly name: string;
  /** For the table's reader. */
  readonly what: string;
  readonly project: Tree;
  /** What is different before each run that is timed, counted from 0. */
  readonly change?: (run: number) => Tree;
  /** Whether nothing but downloaded packages is there before each run: no base system, no plan of earlier builds. */
  readonly isFirst?: boolean;
  readonly argv: readonly string[];
  /** How often each program is timed. */
  readonly runs: number;
  /** Whether it needs the tools tree: packages are installed, or QEMU runs. */
  readonly builds: boolean;
  /** Of the local mirror of test/distros/, from which they come; without it, from Debian's. */
  readonly mirror?: MirrorName;
  /** What is made in the project's directory beside the files. */
  readonly prepare?: (directory: string) => void;
  /** The time until this is printed is measured; without it, until the program ends. */
  readonly until?: string;
  /** Whether it runs on the disk, even where there is memory for its files. */
  readonly onDisk?: boolean;
  /** Options for the original alone. */
  readonly peerOptions?: readonly string[];
}

/** What stands for all cases with a mirror on the command line. */
export const DISTROS = "distros";

const conf = (format: string, packages: readonly string[], extra = "") =>
  [
    "[Distribution]\nDistribution=debian\nRelease=trixie\n",
    `[Output]\nFormat=${format}\n`,
    `[Content]\nPackages=\n${packages.map((name) => `        ${name}\n`).join("")}${extra}`,
  ].join("\n");

const INCREMENTAL = "\n[Build]\nIncremental=yes\n";
const SMALL_PACKAGES = ["less", "tree", "bc", "time", "pv", "file", "ed", "dc", "lsof", "psmisc"];

function bootableDisk(more: readonly string[] = [], rest = ""): string {
  const packages = ["linux-image-cloud-amd64", "systemd", "systemd-boot-efi", "udev", "dbus", ...more];
  return conf("disk", packages, `Bootable=yes\n${rest}`);
}

/** A project of 20 images and 500 files, each with a condition. */
function largeProject(): Tree {
  const images = Array.from({ length: 20 }, (_, index) => `image${index}`);
  const dropIn = (section: string) => `[Match]\nDistribution=debian\nRelease=|trixie\nRelease=|sid\n\n${section}\n`;
  const image = (): Tree => ({
    "mkosi.conf": "[Output]\nFormat=directory\n\n[Content]\nPackages=systemd\n",
    "mkosi.conf.d": Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `${10 + index}-part.conf`,
        dropIn(`[Content]\nPackages=one${index} two${index}\n\n[Build]\nEnvironment=NAME${index}=%d-%r`),
      ]),
    ),
  });
  return {
    "mkosi.conf": `[Config]\nDependencies=${images.join(",")}\n\n${conf("none", ["systemd"])}`,
    "mkosi.conf.d": Object.fromEntries(
      Array.from({ length: 79 }, (_, index) => [
        `${100 + index}-part.conf`,
        dropIn(`[Content]\nPackages=part${index}`),
      ]),
    ),
    "mkosi.images": Object.fromEntries(images.map((name) => [name, image()])),
  };
}

/** Four images with a little more than the base system each. */
function fourImages(): Tree {
  const image = (name: string): Tree => ({
    "mkosi.conf": `[Output]\nFormat=directory\n\n[Content]\nPackages=systemd,${name}\n`,
  });
  return {
    "mkosi.conf": `[Config]\nDependencies=one,two,three,four\n\n${conf("none", [])}`,
    "mkosi.images": { one: image("less"), two: image("file"), three: image("psmisc"), four: image("bc") },
  };
}

/** A C program that is built in the image, and started by it. @param greeting what the program prints */
function sourceProject(greeting: string): Tree {
  return {
    "mkosi.conf": conf(
      "directory",
      ["systemd", "udev", "dbus"],
      `BuildPackages=gcc,libc6-dev\nBuildSources=src\nAutologin=yes\n${INCREMENTAL}`,
    ),
    "mkosi.cache": {},
    "mkosi.build.chroot":
      '#!/bin/sh\nset -e\nmkdir -p "$DESTDIR/usr/bin"\ngcc -O2 -o "$DESTDIR/usr/bin/greet" "$SRCDIR/greet.c"\n',
    "mkosi.extra": {
      "usr/lib/systemd/system": {
        "greet.service":
          "[Unit]\nSuccessAction=exit\nFailureAction=exit-force\n[Service]\nType=oneshot\nStandardOutput=tty\nExecStart=/usr/bin/greet\n[Install]\nWantedBy=multi-user.target\n",
      },
      "usr/lib/systemd/system-preset": { "10-greet.preset": "enable greet.service\n" },
    },
    src: { "greet.c": `#include <stdio.h>\nint main(void) { puts("greeting ${greeting}"); return 0; }\n` },
  };
}

/** A directory from the local mirror by another package manager than apt. */
function fromMirror(name: MirrorName, manager: string, release: string, peerOptions: readonly string[] = []): Case {
  const distribution = `[Distribution]\nDistribution=${name}\n${release && `Release=${release}\n`}`;
  const content = "[Content]\nPackages=systemd\n         udev\n         hello\n";
  return {
    name,
    what: `\`directory\` of ${name} by ${manager}, from the local mirror`,
    project: { "mkosi.conf": `${distribution}\n[Output]\nFormat=directory\n\n${content}` },
    mirror: name,
    peerOptions: ["--build-sources=", ...peerOptions],
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  };
}

/** @param mebibytes of its disk */
function machine(mebibytes: number): Pick<Case, "project" | "prepare" | "until" | "runs" | "builds" | "peerOptions"> {
  return {
    project: { "mkosi.conf": MACHINE_CONF },
    prepare: (directory) => makeMachine(directory, mebibytes),
    until: GREETING,
    runs: 5,
    builds: true,
    peerOptions: ["--build-sources="],
  };
}

export const CASES: readonly Case[] = [
  {
    name: "summary",
    what: "`summary` of a small project",
    project: {
      "mkosi.conf": conf("disk", ["systemd", "udev"]),
      "mkosi.conf.d": { "10-more.conf": "[Content]\nPackages=dbus\n" },
    },
    argv: ["summary"],
    runs: 15,
    builds: false,
  },
  {
    name: "large",
    what: "`summary` of 500 files and 20 images",
    project: largeProject(),
    argv: ["summary"],
    runs: 7,
    builds: false,
  },
  {
    name: "directory",
    what: "first `directory` with systemd and udev",
    project: { "mkosi.conf": conf("directory", ["systemd", "udev"]) },
    isFirst: true,
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "directory-base",
    what: "the same in a second project",
    project: { "mkosi.conf": conf("directory", ["systemd", "udev"]) },
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "disk",
    what: "first bootable `disk` with UKI, systemd-boot and default initrd",
    project: { "mkosi.conf": bootableDisk() },
    isFirst: true,
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "four",
    what: "first build of four `directory` images that share a base",
    project: fourImages(),
    isFirst: true,
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "directory-again",
    what: "the same directory, incremental, nothing changed",
    project: { "mkosi.conf": conf("directory", ["systemd", "udev"], INCREMENTAL), "mkosi.cache": {} },
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "disk-again",
    what: "the same disk, incremental, nothing changed",
    project: { "mkosi.conf": bootableDisk([], INCREMENTAL), "mkosi.cache": {} },
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "disk-file",
    what: "the same disk, incremental, one file in `mkosi.extra/` changed",
    project: {
      "mkosi.conf": bootableDisk([], INCREMENTAL),
      "mkosi.cache": {},
      "mkosi.extra": { etc: { run: "first\n" } },
    },
    change: (run) => ({ "mkosi.extra": { etc: { run: `${run}\n` } } }),
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "disk-package",
    what: "the same disk, incremental, one package added",
    project: { "mkosi.conf": bootableDisk([], INCREMENTAL), "mkosi.cache": {} },
    change: (run) => ({ "mkosi.conf": bootableDisk(SMALL_PACKAGES.slice(0, run + 1), INCREMENTAL) }),
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "source",
    what: "one source file of a C program changed, `directory` with systemd, incremental",
    project: sourceProject("first"),
    change: (run) => sourceProject(String(run)),
    argv: ["-f", "build"],
    runs: 5,
    builds: true,
  },
  {
    name: "source-boot",
    what: "the same, and the program run in the booted container (nspawn), until that has ended",
    project: sourceProject("first"),
    change: (run) => sourceProject(String(run)),
    argv: ["--register=no", "-f", "boot"],
    runs: 5,
    builds: true,
  },
  {
    name: "machine",
    what: "`vm`: the guest's first line on the console, emulated",
    ...machine(1),
    argv: ["vm"],
  },
  {
    name: "machine-ephemeral",
    what: "`--ephemeral vm` of an image of 2 GiB on ext4, the same",
    ...machine(2048),
    argv: ["--ephemeral=yes", "vm"],
    onDisk: true,
  },
  fromMirror("fedora", "dnf5", "43"),
  fromMirror("opensuse", "zypper", "tumbleweed"),
  // Debian's pacman-key does not look where the test key is.
  fromMirror("arch", "pacman", "", ["--repository-key-check=no"]),
];
