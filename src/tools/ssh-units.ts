// Ssh=: units that offer ssh over the vsock of a virtual machine, for images whose systemd does not do that by itself.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { TreeContext } from "./context.ts";
import { pathInside, statusInside } from "./inside.ts";

const UNIT = "mkosi-sshd-vsock";
/** systemd 256 and newer: it makes such units in every machine that has a vsock. */
const GENERATOR = "usr/lib/systemd/system-generators/systemd-ssh-generator";
const SERVER = ["usr/sbin/sshd", "usr/bin/sshd"];

const SYSTEM = "usr/lib/systemd/system";
const PRESET = `usr/lib/systemd/system-preset/10-${UNIT}.preset`;

/** Where in the tree it looks. */
export const SSH_READS: readonly string[] = [GENERATOR, ...SERVER, `${SYSTEM}/${UNIT}`, PRESET];

/** Where systemd makes a socket of its own, two would want the same port. */
const SOCKET = `[Unit]
Description=SSH over the vsock of a virtual machine
ConditionVirtualization=vm
ConditionPathExists=!/${GENERATOR}
Wants=ssh-access.target
Before=ssh-access.target

[Socket]
ListenStream=vsock::22
Accept=yes

[Install]
WantedBy=sockets.target
`;

/** One process for each connection, which systemd hands over; keys come by the credential ssh.authorized_keys.root. */
const SERVICE = `[Unit]
Description=An SSH connection over the vsock
CollectMode=inactive-or-failed

[Service]
ExecStartPre=-ssh-keygen -A
ExecStart=-sshd -i -o PermitRootLogin=prohibit-password
StandardInput=socket
StandardError=journal
RuntimeDirectory=sshd
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes
`;

/** Writes the units, and the preset that enables them, where Ssh= wants them. */
export async function writeSshUnits({ image, root }: TreeContext): Promise<void> {
  if (!wantsUnits(image.config.ssh, root)) return;
  const files = {
    [`${SYSTEM}/${UNIT}.socket`]: SOCKET,
    [`${SYSTEM}/${UNIT}@.service`]: SERVICE,
    [PRESET]: `enable ${UNIT}.socket\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(pathInside(root, path)), { recursive: true, mode: 0o755 });
    await writeFile(pathInside(root, path), text, { mode: 0o644 });
  }
}

function wantsUnits(ssh: TreeContext["image"]["config"]["ssh"], root: string): boolean {
  if (ssh !== "auto") return ssh === "always";
  const isThere = (path: string) => statusInside(root, path) !== undefined;
  return SERVER.some(isThere) && !isThere(GENERATOR);
}
