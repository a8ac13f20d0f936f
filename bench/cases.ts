// What is compared: each case is one project and one command line that both programs understand.

import type { Tree } from "../test/support/project.ts";

export interface Case {
  readonly name: string;
  /** For the table's reader. */
  readonly what: string;
  readonly project: Tree;
  /** What is different before each run that is timed, counted from 0. */
  readonly change?: (run: number) => Tree;
  readonly argv: readonly string[];
  /** How often each program is timed. */
  readonly runs: number;
  /** Whether packages are installed. */
  readonly builds: boolean;
}

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
    what: "`directory` with systemd and udev, `-f`",
    project: { "mkosi.conf": conf("directory", ["systemd", "udev"]) },
    argv: ["-f", "build"],
    runs: 3,
    builds: true,
  },
  {
    name: "disk",
    what: "bootable `disk` with UKI, systemd-boot and default initrd, `-f`",
    project: {
      "mkosi.conf": bootableDisk(),
    },
    argv: ["-f", "build"],
    runs: 3,
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
    runs: 3,
    builds: true,
  },
];
