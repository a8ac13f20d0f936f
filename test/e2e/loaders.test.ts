// What starts an image and what its unified kernel image has in it: one tree of Debian trixie with all of Debian's boot
// loaders, packed as a disk for GRUB by BIOS and UEFI, and as trees for the others. Read by ukify, sfdisk, mtools and
// GRUB's own checker; with --all started by SeaBIOS and by OVMF.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hostCpu, microcodeNames } from "../../src/boot/cpu.ts";
import { bytesOf } from "../support/bytes.ts";
import { endsMachine } from "../support/ends-machine.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { writeTree } from "../support/project.ts";
import { runs } from "../support/runs.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const notHere = process.getuid?.() !== 0 || process.arch !== "x64";
const STATUS = 7;
const BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649";

const CONFIG = `[Distribution]
Distribution=debian
Release=trixie
[Output]
OutputDirectory=out
SplitArtifacts=uki
[Content]
Bootable=yes
Bootloader=grub
BiosBootloader=grub
Packages=
        linux-image-cloud-amd64,systemd,systemd-boot-efi,udev
        grub-pc-bin,grub-efi-amd64-bin,grub-efi-amd64-signed
        shim-signed,shim-unsigned,systemd-boot-efi-amd64-signed
RemoveFiles=/usr/share/doc /usr/share/locale /usr/share/man
KernelCommandLine=mkosi.test=1 console=hvc0
Splash=/usr/share/splash.bmp
Devicetrees=board/*
MicrocodeHost=yes
Autologin=no
[Build]
Incremental=yes
CacheDirectory=cache
BuildSources=mkosi.extra
[Runtime]
Console=read-only
RAM=1G
TPM=no
KVM=no
`;

/** A second, older kernel, and device trees for both. */
const POSTINST = `#!/bin/sh
set -e
version=$(cd /usr/lib/modules && echo 6*)
mkdir -p /usr/lib/modules/5.1.0-older
cp "/boot/vmlinuz-$version" /usr/lib/modules/5.1.0-older/vmlinuz
for each in "$version" 5.1.0-older; do
    mkdir -p "/usr/lib/modules/$each/dtb/board"
    for name in a b; do echo "$each $name" >"/usr/lib/modules/$each/dtb/board/$name.dtb"; done
done
`;

const SUCCESS = `[Unit]
${endsMachine(STATUS)}
[Service]
Type=oneshot
ExecStart=grep -q mkosi.test=1 /proc/cmdline
[Install]
WantedBy=multi-user.target
`;

const PROFILE = `[UKIProfile]
Profile=
        ID=rescue
        TITLE=Rescue "mode"
Cmdline=systemd.unit=rescue.target
`;

/** One pixel. */
const SPLASH = Buffer.from(
  "424d3a0000000000000036000000280000000100000001000000010018000000000004000000130b0000130b000000000000000000000000ff00",
  "hex",
);

const cpu = hostCpu();
const [ownMicrocode = ""] = cpu === undefined ? [] : microcodeNames(cpu);
const place = cpu?.vendor === "AuthenticAMD" ? "amd-ucode" : "intel-ucode";

describe.skipIf(notHere)("boot loaders and unified kernel images", () => {
  let directory = "";
  const out = (...names: string[]) => join(directory, "out", ...names);
  const build = (...options: string[]) =>
    mkosiOk(["-f", `--tools-tree=${keptToolsTree()}`, ...options], { cwd: directory });
  /** Everything in the tree's efi/ and boot/ that is for the EFI system partition. */
  const espFiles = (name: string) =>
    execFileSync("find", ["efi", "boot", "-type", "f"], { cwd: out(name), encoding: "utf8" })
      .trim()
      .split("\n");
  const variant = async (name: string, ...options: string[]) => {
    await build("--format=directory", `--output=${name}`, "--bios-bootloader=none", ...options);
    return espFiles(name);
  };

  beforeAll(() => {
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    writeTree(directory, {
      "mkosi.conf": CONFIG,
      "mkosi.postinst.chroot": POSTINST,
      "mkosi.uki-profiles": { "rescue.conf": PROFILE },
      "mkosi.extra/usr/share/splash.bmp": SPLASH,
      ...Object.fromEntries(
        [ownMicrocode, "ff-ff-ff"].map((name) => [`mkosi.extra/usr/lib/firmware/${place}/${name}`, name]),
      ),
      "mkosi.extra/usr/lib/systemd/system/success.service": SUCCESS,
      "mkosi.extra/usr/lib/systemd/system-preset/00-test.preset": "enable success.service\ndisable systemd-networkd*\n",
    });
    return () => rmSync(directory, { recursive: true, force: true });
  });

  interface Section {
    readonly text?: string;
    readonly size: number;
  }

  type Sections = Readonly<Record<string, Section>> & {
    readonly ".dtbauto": readonly Section[];
    readonly _profiles: readonly Readonly<Record<string, Section>>[];
  };

  const inspect = (file: string) =>
    JSON.parse(runInToolsTree(`ukify --json=short inspect ${file} --all`, out())) as Sections;

  test("the unified image has picture, device trees and profiles, as ukify reads it", async () => {
    await build("--output=disk");
    const sections = inspect("disk.efi");
    expect(sections[".splash"]?.size).toBe(SPLASH.length);
    expect(sections[".dtbauto"]).toHaveLength(2);
    const commandLine = "mkosi.test=1 console=hvc0";
    expect(sections[".cmdline"]?.text).toBe(commandLine);
    const [main, rescue, ...others] = sections._profiles;
    expect([main?.[".profile"]?.text, others]).toEqual(["ID=main", []]);
    expect(rescue?.[".profile"]?.text?.trim()).toBe('ID=rescue\nTITLE="Rescue \\"mode\\""');
    expect(rescue?.[".cmdline"]?.text).toBe(`${commandLine} systemd.unit=rescue.target`);
  });

  test("of microcode it has that of this machine's CPU, as cpio reads it", () => {
    const script =
      "ukify inspect disk.efi --section=.ucode:binary@ucode >ucode.log; cpio --extract --to-stdout --quiet <ucode";
    expect(runInToolsTree(script, out())).toBe(ownMicrocode);
    for (const name of ["ucode", "ucode.log"]) rmSync(out(name));
  });

  test("GRUB is where a BIOS starts it, as sfdisk and the disk's first sectors show", () => {
    const { partitiontable } = JSON.parse(
      execFileSync("sfdisk", ["--json", out("disk.raw")], { encoding: "utf8" }),
    ) as {
      partitiontable: { partitions: { type: string; start: number }[] };
    };
    const [esp, bios, root] = partitiontable.partitions;
    expect(partitiontable.partitions).toHaveLength(3);
    expect([bios?.type, root?.type]).toEqual([BIOS_BOOT, "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"]);
    const disk = (from: number, length: number) => bytesOf(out("disk.raw"), from, length);
    const start = bios?.start ?? 0;
    // boot.img says at 0x5c in which sector core.img begins.
    expect(disk(0, 440).includes("GRUB")).toBe(true);
    expect(Number(disk(0x5c, 8).readBigUInt64LE())).toBe(start);
    const place = `disk.raw@@${(esp?.start ?? 0) * 512}`;
    runInToolsTree(`mcopy -n -i ${place} ::/grub/i386-pc/core.img ::/grub/grub.cfg ::/EFI/BOOT/BOOTX64.EFI .`, out());
    const core = readFileSync(out("core.img"));
    // But for the list of blocks at the end of the first sector, and what is corrected by redundancy.
    const at = (start + 1) * 512;
    expect(disk(at + 512, 8192 - 512).equals(core.subarray(1024, 512 + 8192))).toBe(true);
    expect(readFileSync(out("BOOTX64.EFI")).subarray(0, 2).toString()).toBe("MZ");
  });

  test("GRUB's menu has every kernel, newest first: as unified images by UEFI, and as they are by a BIOS", () => {
    runInToolsTree("grub-script-check grub.cfg", out());
    const menu = readFileSync(out("grub.cfg"), "utf8");
    const entries = [...menu.matchAll(/= "(\w+)" \]; then\nmenuentry '(.*?)' \{\n +(.*)/g)].map((match) =>
      match.slice(1),
    );
    expect(entries.map(([platform, title]) => `${platform} ${title}`)).toEqual([
      expect.stringMatching(/^efi debian-6.*-cloud-amd64$/),
      "efi debian-5.1.0-older",
      expect.stringMatching(/^pc debian-6.*-cloud-amd64$/),
      "pc debian-5.1.0-older",
    ]);
    expect(entries[1]?.[2]).toBe("chainloader /EFI/Linux/debian-5.1.0-older.efi");
    expect(entries[3]?.[2]).toMatch(
      /^linux \/debian\/5.1.0-older\/vmlinuz root=PARTUUID=[-0-9a-f]{36} mkosi.test=1 console=hvc0$/,
    );
    for (const name of ["BOOTX64.EFI", "core.img", "grub.cfg"]) rmSync(out(name));
  });

  test("the same configuration again makes nothing, another profile new images", async () => {
    const options = ["--output=disk", `--tools-tree=${keptToolsTree()}`];
    const why = async () => (await mkosiOk([...options, "why"], { cwd: directory })).stdout;
    expect(await why()).not.toContain("Installing kernels runs");
    writeTree(directory, {
      "mkosi.uki-profiles": { "rescue.conf": PROFILE.replace("rescue.target", "emergency.target") },
    });
    expect(await why()).toMatch(/Installing kernels runs again:\n +UnifiedKernelImageProfiles=/);
    writeTree(directory, { "mkosi.uki-profiles": { "rescue.conf": PROFILE } });
  });

  test("signed parts of Debian are copied as they are, shim first", async () => {
    const files = await variant(
      "signed",
      "--bootloader=grub-signed",
      "--shim-bootloader=signed",
      "--unified-kernel-images=none",
      "--devicetrees=",
      "--devicetrees=board/a.dtb",
    );
    const boot = (name: string) => readFileSync(out("signed/efi/EFI/BOOT", name));
    const tree = (name: string) => readFileSync(out("signed/usr/lib", name));
    expect(boot("BOOTX64.EFI").equals(tree("shim/shimx64.efi.signed"))).toBe(true);
    expect(boot("grubx64.efi").equals(tree("grub/x86_64-efi-signed/grubx64.efi.signed"))).toBe(true);
    expect(files.filter((file) => file.startsWith("efi/EFI"))).toEqual(
      expect.arrayContaining(["efi/EFI/BOOT/mmx64.efi", "efi/EFI/debian/grub.cfg"]),
    );
    const entries = readdirSync(out("signed/boot/loader/entries"));
    expect(entries).toHaveLength(2);
    expect(readFileSync(out("signed/boot/loader/entries/debian-5.1.0-older.conf"), "utf8")).toContain(
      "\ndevicetree /debian/5.1.0-older/board/a.dtb\n",
    );
    expect(files).toContain("boot/debian/5.1.0-older/board/a.dtb");
  });

  test("behind shim, systemd-boot and unified images have the name that shim looks for", async () => {
    await variant(
      "behind",
      "--bootloader=systemd-boot-signed",
      "--shim-bootloader=signed",
      "--unified-kernel-images=unsigned",
    );
    const boot = (name: string) => readFileSync(out("behind/efi/EFI/BOOT", name));
    const loader = readFileSync(out("behind/usr/lib/systemd/boot/efi/systemd-bootx64.efi.signed"));
    expect(boot("grubx64.efi").equals(loader)).toBe(true);
    const single = await variant("single", "--bootloader=uki", "--shim-bootloader=unsigned");
    expect(single.filter((file) => file.includes("/EFI/")).toSorted()).toEqual([
      "efi/EFI/BOOT/BOOTX64.EFI",
      "efi/EFI/BOOT/grubx64.efi",
      "efi/EFI/BOOT/mmx64.efi",
    ]);
    const shim = readFileSync(out("single/usr/lib/shim/shimx64.efi"));
    expect(readFileSync(out("single/efi/EFI/BOOT/BOOTX64.EFI")).equals(shim)).toBe(true);
    expect(inspect("single/efi/EFI/BOOT/grubx64.efi")[".uname"]?.text).toContain("cloud-amd64");
  });

  test("a unified image that comes with the tree is taken as it is", async () => {
    const path = "usr/lib/modules/5.1.0-older/vmlinuz-virt.efi";
    await variant(
      "ready",
      "--bootloader=uki-signed",
      `--extra-tree=${out("single/efi/EFI/BOOT/grubx64.efi")}:/${path}`,
    );
    const [boot, given] = ["efi/EFI/BOOT/BOOTX64.EFI", path].map((name) => readFileSync(out("ready", name)));
    expect(boot !== undefined && given !== undefined && boot.equals(given)).toBe(true);
    expect(existsSync(out("ready/boot/EFI"))).toBe(false);
  });

  test.each([
    [
      "two kernels with one name",
      ["--unified-kernel-image-format=linux"],
      "would have the same name, EFI/Linux/linux.efi",
    ],
    ["no signed unified image", ["--bootloader=grub-signed"], "no unified kernel image of its distribution"],
    ["a splash that is none", ["--splash=/usr/lib/os-release"], "/usr/lib/os-release is not a BMP file"],
    ["a device tree that is not there", ["--devicetrees=other.dtb"], "matches Devicetrees=other.dtb"],
    ["several device trees for an entry", ["--unified-kernel-images=none"], "takes one device tree"],
  ])("%s: said with a remedy, and nothing is left", async (_what, options, message) => {
    const before = readdirSync(out());
    const { status, stderr } = await mkosi(
      ["-f", `--tools-tree=${keptToolsTree()}`, "--format=directory", "--output=bad", ...options],
      { cwd: directory },
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(message) });
    expect(readdirSync(out())).toEqual(before);
  });

  // Emulated, on a machine with other work to do, each takes a minute.
  test.skipIf(runs(1) === 1).each(["bios", "uefi"])("the disk is started by GRUB and %s", async (firmware) => {
    const machine = [
      `--tools-tree=${keptToolsTree()}`,
      "--output=disk",
      `--firmware=${firmware}`,
      "--ephemeral=yes",
      "vm",
    ];
    expect((await mkosi(machine, { cwd: directory, timeout: 900 })).status).toBe(STATUS);
  });
});
