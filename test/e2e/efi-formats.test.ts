// Images that are EFI programs: a unified system image, an ESP with one in it, and an add-on, read by ukify, mtools and
// cpio, and the first two started by UEFI firmware until a unit inside ends the machine with its own status.

import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { endsMachine } from "../support/ends-machine.ts";
import { CHECKOUT, mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { runs } from "../support/runs.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";

const notHere = process.getuid?.() !== 0 || process.arch !== "x64";
const STATUS = 7;

const CONFIG = `[Distribution]
Distribution=debian
Release=trixie
[Output]
OutputDirectory=out
SplitArtifacts=uki,kernel,initrd,partitions,repart-definitions
[Content]
Packages=linux-image-cloud-amd64,systemd,systemd-boot-efi,udev
RemoveFiles=/usr/lib/modules/*/vmlinuz /boot/vmlinuz-* /vmlinuz* /boot/initrd.img-* /usr/lib/systemd/boot /usr/share
KernelCommandLine=mkosi.test=1
Splash=/usr/share/splash.bmp
Autologin=no
[Build]
Incremental=yes
CacheDirectory=cache
[Runtime]
Console=read-only
RAM=1G
TPM=no
`;

/** Nobody reads more of it before there is a screen. */
const SPLASH = "BM";

const SUCCESS = `[Unit]
${endsMachine(STATUS)}
[Service]
Type=oneshot
ExecStart=grep -q mkosi.test=1 /proc/cmdline
[Install]
WantedBy=multi-user.target
`;

describe.skipIf(notHere)("images that are EFI programs", () => {
  let directory = "";
  const out = () => join(directory, "out");
  const options = () => [`--tools-tree=${keptToolsTree()}`];

  beforeAll(() => {
    directory = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    writeTree(directory, {
      "mkosi.conf": CONFIG,
      "mkosi.extra/usr/share/splash.bmp": SPLASH,
      "mkosi.uki-profiles/debug.conf": "[UKIProfile]\nProfile=ID=debug\nCmdline=debug\n",
      "mkosi.extra/usr/lib/systemd/system/success.service": SUCCESS,
      "mkosi.extra/usr/lib/systemd/system-preset/00-test.preset": "enable success.service\ndisable systemd-networkd*\n",
    });
    return () => rmSync(directory, { recursive: true, force: true });
  });

  test("a unified system image has the tree as its initrd, without the kernel that it is started with", async () => {
    await mkosiOk(["-f", ...options(), "--format=uki", "--output=usi"], { cwd: directory });
    expect(readdirSync(out()).toSorted()).toEqual(["usi", "usi.efi", "usi.initrd", "usi.vmlinuz"]);
    const sections = JSON.parse(runInToolsTree("ukify --json=short inspect usi.efi", out())) as Record<string, unknown>;
    expect(sections).toMatchObject({
      ".cmdline": { text: "mkosi.test=1" },
      ".uname": { text: expect.stringContaining("cloud") },
    });
    expect(Object.keys(sections)).toEqual(expect.arrayContaining([".linux", ".initrd", ".osrel"]));
    const all = JSON.parse(runInToolsTree("ukify --json=short inspect usi.efi --all", out())) as Record<
      string,
      unknown
    >;
    expect(all).toMatchObject({
      ".splash": { size: SPLASH.length },
      _profiles: [{ ".profile": { text: "ID=main" } }, { ".cmdline": { text: "mkosi.test=1 debug" } }],
    });
    const names = runInToolsTree("zstd -dc usi.initrd | cpio --list --quiet", out()).split("\n");
    expect(names).toContain("usr/lib/systemd/systemd");
    expect(names.filter((name) => name.includes("vmlinuz"))).toEqual([]);
  });

  test("an ESP has such an image where firmware and boot loader find it", async () => {
    await mkosiOk(["-f", ...options(), "--format=esp", "--output=esp"], { cwd: directory });
    expect(readdirSync(out()).filter((name) => name.startsWith("esp"))).toEqual([
      ...["esp", "esp.efi", "esp.esp.raw.zst", "esp.initrd", "esp.raw", "esp.repart.d", "esp.vmlinuz"],
    ]);
    const table = JSON.parse(execFileSync("sfdisk", ["--json", join(out(), "esp.raw")], { encoding: "utf8" })) as {
      partitiontable: { partitions: { name: string; start: number }[] };
    };
    const [esp, ...others] = table.partitiontable.partitions;
    expect([esp?.name, others]).toEqual(["esp", []]);
    const files = runInToolsTree(`mdir -i esp.raw@@${(esp?.start ?? 0) * 512} -/ -b ::`, out());
    expect(files).toMatch(/EFI\/BOOT\/BOOTX64\.EFI/i);
    expect(files).toMatch(/EFI\/Linux\/debian-.*cloud-amd64\.efi/i);
  });

  // Emulated, on a machine with other work to do, each takes minutes.
  test.skipIf(runs(1) === 1).each([
    ["uki", "usi"],
    ["esp", "esp"],
  ])("%s is started by firmware", async (format, output) => {
    const machine = [...options(), `--format=${format}`, `--output=${output}`, "vm"];
    expect((await mkosi(machine, { cwd: directory, timeout: 300 })).status).toBe(STATUS);
  });

  test("an add-on has files and a command line for somebody else's image", async () => {
    const cwd = makeProject({
      "mkosi.conf": `[Distribution]
Distribution=custom
[Output]
Format=addon
[Content]
KernelCommandLine=added=1
RemoveFiles=/usr/lib/systemd
`,
      "mkosi.extra": { usr: { lib: { firmware: { "blob.bin": "blob" } } } },
    });
    const stub = "usr/lib/systemd/boot/efi/addonx64.efi.stub";
    const whole = ["--format=directory", "--output=whole", "--remove-files=", "--bootable=no"];
    await mkosiOk(["-f", ...options(), ...whole], { cwd: directory });
    const addon = [...options(), `--extra-tree=${join(out(), "whole", stub)}:/${stub}`];
    await mkosiOk(["-f", ...addon], { cwd });
    expect(readdirSync(cwd).filter((name) => name.startsWith("image"))).toEqual(["image", "image.efi"]);
    const sections = JSON.parse(runInToolsTree("ukify --json=short inspect image.efi", cwd)) as Record<string, unknown>;
    expect(sections).toMatchObject({ ".cmdline": { text: "added=1" } });
    expect(Object.keys(sections)).not.toContain(".linux");
    const archive = runInToolsTree(
      "ukify inspect image.efi --section=.initrd:binary@initrd >out; zstd -dc initrd | cpio --list --quiet",
      cwd,
    );
    expect(archive.trim().split("\n")).toEqual(["usr", "usr/lib", "usr/lib/firmware", "usr/lib/firmware/blob.bin"]);
    await mkosiOk(["-f", ...addon, "--remove-files=/usr"], { cwd });
    const empty = JSON.parse(runInToolsTree("ukify --json=short inspect image.efi", cwd)) as Record<string, unknown>;
    expect(Object.keys(empty)).not.toContain(".initrd");
  });

  test("Include=mkosi-addon makes one of this machine's stub, without what belongs to the kernel's own image", async () => {
    const files = [
      "firmware/blob.bin",
      "firmware/intel-ucode/06-06-06",
      "modules/6.1/vmlinuz",
      "modules/6.1/kernel/a.ko",
    ];
    const cwd = makeProject({
      "mkosi.conf": "[Include]\nInclude=mkosi-addon\n[Content]\nKernelCommandLine=added=1\n",
      ...Object.fromEntries(files.map((name) => [`mkosi.extra/usr/lib/${name}`, name])),
    });
    // The stub of the image that the test before has built, in the place of this machine's.
    const layers = `lowerdir=${join(out(), "whole/usr/lib/systemd")}:/usr/lib/systemd`;
    const script = `mount -t overlay -o ${layers} overlay /usr/lib/systemd; exec "$@"`;
    const program = [process.execPath, join(CHECKOUT, "bin/mkosi"), "-f", ...options()];
    const { status, stderr } = await run(["unshare", "--mount", "sh", "-ec", script, "sh", ...program], { cwd });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const sections = JSON.parse(runInToolsTree("ukify --json=short inspect image.efi", cwd)) as Record<string, unknown>;
    expect(sections).toMatchObject({ ".cmdline": { text: "added=1" } });
    const archive =
      "ukify inspect image.efi --section=.initrd:binary@initrd >out; zstd -dc initrd | cpio --list --quiet";
    const names = runInToolsTree(archive, cwd).trim().split("\n");
    expect(names.filter((name) => /\.\w+$/.test(name) && !name.endsWith("6.1"))).toEqual([
      "usr/lib/firmware/blob.bin",
      "usr/lib/modules/6.1/kernel/a.ko",
    ]);
    expect(names.filter((name) => /ucode|vmlinuz|stub/.test(name))).toEqual([]);
  });
});
