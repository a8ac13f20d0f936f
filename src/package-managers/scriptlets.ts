// What the scripts of packages find around them, whichever program runs them.

import { join } from "node:path";
import { bindReadOnly, type Mount } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import { BUILDROOT } from "../tools/tool.ts";

const ENVIRONMENT: Readonly<Record<string, string>> = {
  // services are neither started nor asked about, see systemd's ENVIRONMENT.md
  SYSTEMD_IN_CHROOT: "1",
  // the build makes the hardware database, boot entries and initrds itself, once, at its end
  SYSTEMD_HWDB_UPDATE_BYPASS: "1",
  KERNEL_INSTALL_BYPASS: "1",
};

/** What the scripts of packages are told. */
export function scriptletEnvironment({ sourceDateEpoch }: Pick<Config, "sourceDateEpoch">): Record<string, string> {
  // mkinitramfs and others put times into what they make
  return { ...ENVIRONMENT, ...(sourceDateEpoch === null ? {} : { SOURCE_DATE_EPOCH: String(sourceDateEpoch) }) };
}

/** The kernel's file systems and empty places for temporary files in a tree. @param place where the sandbox has it */
export function scriptletMounts(root: string, place: string): Mount[] {
  return [
    { type: "dev", target: `${place}/dev` },
    { type: "proc", target: `${place}/proc` },
    bindReadOnly("/sys", `${place}/sys`),
    { type: "tmpfs", target: `${place}/run` },
    { type: "tmpfs", target: `${place}/tmp`, mode: 0o1777 },
    { type: "tmpfs", target: `${place}/var/tmp`, mode: 0o1777 },
    // a script that generated an identity would give all machines of the image the same
    { ...bindReadOnly(join(root, "etc/machine-id"), `${place}/etc/machine-id`), optional: true } as Mount,
  ];
}

/** The sandbox's users are the image's, as scripts and hooks look them up there; packages replace these files, hence links. */
export function userLinks(): Mount[] {
  return ["passwd", "group"].map((name) => ({
    type: "symlink",
    to: `${BUILDROOT}/etc/${name}`,
    target: `/etc/${name}`,
  }));
}
