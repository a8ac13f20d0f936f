// What a tree says about itself: os-release, machine id, the marks of an initrd. Written by ourselves, no program
// does it.

import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TreeContext } from "./context.ts";

/** What differs between machines, or must not be shared by them. */
const MACHINE_STATE = [
  "var/lib/systemd/random-seed",
  "var/lib/systemd/credential.secret",
  "etc/machine-info",
  "var/lib/dbus/machine-id",
];

/** The consoles of Autologin=: nspawn's, the first virtual one, and virtio's. */
const AUTOLOGIN: Readonly<Record<string, string>> = {
  "console-getty.service": "--noclear --keep-baud console 115200,38400,9600",
  "getty@tty1.service": "--noclear -",
  "serial-getty@hvc0.service": "--keep-baud 115200,57600,38400,9600 -",
};

/** Where in the tree those who change a tree that has its packages look. */
export const IDENTITY_READS: readonly string[] = [
  ...MACHINE_STATE,
  ...["usr/lib/os-release", "usr/lib/initrd-release", "etc/os-release", "etc/initrd-release"],
  ...["init", "usr/lib/systemd/systemd", "usr/lib/clock-epoch"],
  ...Object.keys(AUTOLOGIN).map((unit) => `usr/lib/systemd/system/${unit}.d`),
];

/**
 * Prepares a new tree before packages are installed into it, whose scripts look at these files: the machine id, the
 * directories that the ESP is mounted on, and the mark that boot entries follow the Boot Loader Specification.
 */
export async function prepareTree({ image, root }: TreeContext): Promise<void> {
  const machineId = join(root, "etc/machine-id");
  await mkdir(join(root, "etc"), { recursive: true, mode: 0o755 });
  if (image.config.machineId !== null) {
    await rm(machineId, { force: true });
    await writeFile(machineId, `${image.config.machineId.replaceAll("-", "")}\n`, { mode: 0o444 });
    // A tree without packages has no scripts that would make an identity of their own.
  } else if (!existsSync(machineId) && image.config.distribution !== "custom")
    await writeFile(machineId, "uninitialized\n", { mode: 0o444 });
  // Only to be mounted over: whoever looks in without a mount is to notice.
  for (const directory of ["efi", "boot"]) await mkdir(join(root, directory), { mode: 0o500 }).catch(ignoreExisting);
  await mkdir(join(root, "boot/loader"), { recursive: true, mode: 0o700 });
  await writeFile(join(root, "boot/loader/entries.srel"), "type1\n", { mode: 0o600 });
}

/** Removes what scripts of packages may have left that belongs to one machine. */
export async function removeMachineState(root: string): Promise<void> {
  for (const path of MACHINE_STATE) await rm(join(root, path), { force: true });
}

/** Writes ImageId=, ImageVersion= and Hostname= into os-release. */
export async function writeOsReleaseFields({ image, root }: TreeContext): Promise<void> {
  const { imageId, imageVersion, hostname } = image.config;
  const fields = Object.entries({ IMAGE_ID: imageId, IMAGE_VERSION: imageVersion, DEFAULT_HOSTNAME: hostname });
  const set = new Map(fields.filter((field): field is [string, string] => field[1] !== null));
  if (set.size === 0) return;
  for (const path of ["usr/lib/os-release", "usr/lib/initrd-release", "etc/os-release"]) {
    const file = join(root, path);
    if ((await lstat(file).catch(() => undefined))?.isFile() !== true) continue;
    await writeFile(file, setFields(await readFile(file, "utf8"), set));
  }
}

/** Sets fields of an os-release file in place, those that it lacks at its end. */
export function setFields(text: string, fields: ReadonlyMap<string, string>): string {
  const missing = new Map(fields);
  const lines = text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      const name = line.slice(0, Math.max(0, line.indexOf("=")));
      const value = fields.get(name);
      if (value === undefined) return line;
      missing.delete(name);
      return `${name}=${quote(value)}`;
    });
  const added = [...missing].map(([name, value]) => `${name}=${quote(value)}`);
  return [...lines.filter((line, index) => line !== "" || index < lines.length - 1), ...added, ""].join("\n");
}

function quote(value: string): string {
  return `"${value.replace(/[\\"$`]/g, "\\$&")}"`;
}

/**
 * Lets the kernel start the tree's systemd as /init, and with MakeInitrd= marks the tree as an initrd. Also leaves
 * the time of the build for machines without a clock.
 */
export async function writeInitrdFiles({ image, root }: TreeContext): Promise<void> {
  if (await isThere(root, "usr/lib/systemd/systemd")) await link(root, "init", "/usr/lib/systemd/systemd");
  if (image.config.makeInitrd) await link(root, "etc/initrd-release", "/etc/os-release");
  // systemd sets the clock to its modification time when the clock is behind it.
  if (await isThere(root, "usr/lib")) await writeFile(join(root, "usr/lib/clock-epoch"), "", { mode: 0o644 });
}

/** With Autologin=, logs root in on consoles without a question. */
export async function configureAutologin({ image, root }: TreeContext): Promise<void> {
  if (!image.config.autologin) return;
  for (const [unit, options] of Object.entries(AUTOLOGIN)) {
    const directory = join(root, "usr/lib/systemd/system", `${unit}.d`);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const start = `ExecStart=-agetty -o '-f -p -- \\\\u' --autologin root ${options} $TERM`;
    const lines = ["[Service]", "ExecStart=", start, "StandardInput=tty", "StandardOutput=tty", ""];
    await writeFile(join(directory, "autologin.conf"), lines.join("\n"), { mode: 0o644 });
  }
}

async function link(root: string, path: string, target: string): Promise<void> {
  await symlink(target, join(root, path)).catch(ignoreExisting);
}

async function isThere(root: string, path: string): Promise<boolean> {
  return (await stat(join(root, path)).catch(() => undefined)) !== undefined;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
