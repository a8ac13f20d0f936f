// A bootable disk image of Debian trixie: built as root and without root, read back by tools that are not ours, booted
// by UEFI firmware and by its kernel alone until a unit inside has said so and ended the machine with its own status.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { takeSnapshot } from "../support/cleanliness.ts";
import { endsMachine } from "../support/ends-machine.ts";
import { type Finished, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, type Tree } from "../support/project.ts";
import { runs } from "../support/runs.ts";
import { runInToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

const STATUS = 7;

const PROJECT: Tree = {
  "mkosi.conf": `
[Distribution]
Distribution=debian
Release=trixie

[Output]
Format=disk
Seed=6f2a0d3c-54a6-4c53-9b0e-5b1ad0e0a001

[Content]
Bootable=yes
Packages=linux-image-cloud-amd64,systemd,systemd-boot-efi,udev
KernelCommandLine=mkosi.test=1

[Build]
ToolsTree=default

[Runtime]
Console=read-only
RAM=1G
TPM=no
`,
  "mkosi.extra": {
    usr: {
      lib: {
        systemd: {
          "system-preset": { "00-test.preset": "enable success.service\ndisable systemd-networkd*\n" },
          system: {
            "success.service": `[Unit]
Description=Say that the machine is up, and end it
After=multi-user.target
${endsMachine(STATUS)}
[Service]
Type=oneshot
StandardOutput=journal+console
ExecStart=sh -ec 'grep -q mkosi.test=1 /proc/cmdline; test "$(stat -c %%u:%%g:%%a /usr/bin/su)" = 0:0:4755; echo IMAGE-IS-UP'
[Install]
WantedBy=multi-user.target
`,
          },
        },
      },
    },
  },
};

const user = unprivilegedUser();
const noUser = typeof user === "string";
const notRoot = process.getuid?.() !== 0;

describe.skipIf(process.arch !== "x64")("a bootable disk image", () => {
  let own = "";
  let users = "";

  beforeAll(() => {
    // What makeProject removes at a test's end is needed by all tests here.
    own = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    users = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    return () => execFileSync("rm", ["-rf", own, users]);
  });

  test.skipIf(notRoot)("is built by root", async () => {
    writeProject(own);
    const before = takeSnapshot();
    await mkosiOk([], { cwd: own });
    expect(readdirSync(own).toSorted()).toEqual([
      ...[
        "image",
        "image.efi",
        "image.initrd",
        "image.raw",
        "image.vmlinuz",
        "initrd",
        "initrd.cpio.zst",
        "mkosi.conf",
        "mkosi.extra",
      ],
    ]);
    expect(await before.leftovers()).toEqual([]);
  });

  test.skipIf(noUser)("is built by a user with subordinate ids, with GRUB for a BIOS as well", async () => {
    if (noUser) throw new Error(user);
    writeProject(users);
    execFileSync("chown", ["-R", user.name, users]);
    await mkosiOk(["--bios-bootloader=grub", "--package=grub-pc-bin"], { cwd: users, user });
    const bios = partitionTable(users).partitions[1];
    expect(bios?.type).toBe("21686148-6449-6E6F-744E-656564454649");
    const sectors = bytesOf(join(users, "image.raw"), 0, 512);
    expect([sectors.includes("GRUB"), Number(sectors.readBigUInt64LE(0x5c))]).toEqual([true, bios?.start]);
  });

  test.skipIf(notRoot)("has an ESP and a root partition, as sfdisk reads it", () => {
    const partitiontable = partitionTable(own);
    expect(partitiontable.label).toBe("gpt");
    const types = partitiontable.partitions.map(({ type }) => type);
    expect(types).toEqual(["C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"]);
  });

  test.skipIf(notRoot)("has systemd-boot and a unified kernel image in the ESP, as mdir lists it", () => {
    const offset = espOffset(own);
    const files = runInToolsTree(`mdir -i image.raw@@${offset} -/ -b ::`, own).toLowerCase();
    expect(files).toContain("::/efi/boot/bootx64.efi");
    expect(files).toContain("::/efi/systemd/systemd-bootx64.efi");
    expect(files).toMatch(/::\/efi\/linux\/debian-6\.\d+\..*\.efi/);
    expect(files).toContain("::/loader/loader.conf");
  });

  test.skipIf(notRoot)(
    "has kernel, initrd, command line and os-release in the unified kernel image, as ukify reads it",
    () => {
      const sections = JSON.parse(runInToolsTree("ukify --json=short inspect image.efi", own));
      expect(Object.keys(sections)).toEqual(
        expect.arrayContaining([".linux", ".initrd", ".cmdline", ".osrel", ".uname"]),
      );
      expect(sections[".cmdline"].text).toContain("mkosi.test=1");
      expect(sections[".osrel"].text).toContain("ID=debian");
    },
  );

  test.skipIf(notRoot)("has a root file system that fsck finds in order", () => {
    const { start, size } = partitionTable(own).partitions[1] as Partition;
    const script = `
      dd if=image.raw of=/tmp/root bs=512 skip=${start} count=${size} status=none
      e2fsck -fn /tmp/root >&2
      debugfs -R 'stat /usr/bin/su' /tmp/root 2>/dev/null`;
    expect(runInToolsTree(script, own)).toMatch(/Mode:\s+04755[\s\S]*User:\s+0\s+Group:\s+0/);
  });

  test.skipIf(notRoot)("boots by UEFI firmware, and its exit status is the verb's", async () => {
    const before = takeSnapshot();
    expectSuccess(await mkosi(["vm"], { cwd: own, timeout: 900 }));
    expect(await before.leftovers()).toEqual([]);
  });

  test.skipIf(noUser)("boots by its kernel alone, started by the user who built it", async () => {
    if (noUser) throw new Error(user);
    expectSuccess(await mkosi(["--firmware=linux", "--ephemeral=yes", "vm"], { cwd: users, user, timeout: 900 }));
  });

  test.skipIf(notRoot || runs(1) === 1)("ends with the machine's helpers when the verb is told to", async () => {
    const before = takeSnapshot();
    const { status } = await mkosi(["--firmware=linux", "--ephemeral=yes", "vm"], {
      cwd: own,
      timeout: 900,
      onOutput: (output, child) => {
        if (/Reached target|Started/.test(output)) child.kill("SIGTERM");
      },
    });
    expect(status).toBe(143);
    expect(await before.leftovers()).toEqual([]);
  });
});

function writeProject(directory: string): void {
  const source = makeProject(PROJECT);
  execFileSync("cp", ["--recursive", `${source}/.`, directory]);
  execFileSync("chmod", ["755", directory]);
}

interface Partition {
  readonly type: string;
  /** In sectors. */
  readonly start: number;
  readonly size: number;
}

function partitionTable(directory: string): { label: string; sectorsize: number; partitions: Partition[] } {
  return JSON.parse(execFileSync("sfdisk", ["--json", join(directory, "image.raw")], { encoding: "utf8" }))
    .partitiontable;
}

function espOffset(directory: string): number {
  const partitiontable = partitionTable(directory);
  return (partitiontable.partitions[0] as Partition).start * partitiontable.sectorsize;
}

function expectSuccess({ status, stdout, stderr }: Finished): void {
  const seen = `${stdout}${stderr}`;
  expect(seen).toContain("IMAGE-IS-UP");
  expect({ status, end: seen.slice(-500) }).toMatchObject({ status: STATUS });
}
