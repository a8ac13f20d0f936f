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
