// What is compared: each case is one project and one command line that both programs understand.

import type { Tree } from "../test/support/project.ts";

export interface Case {
  readonly name: string;
  /** For the table's reader. */
  readonly what: string;
  readonly project: Tree;
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
      "mkosi.conf": conf(
        "disk",
        ["linux-image-cloud-amd64", "systemd", "systemd-boot-efi", "udev", "dbus"],
        "Bootable=yes\n",
      ),
    },
    argv: ["-f", "build"],
    runs: 3,
    builds: true,
  },
];
