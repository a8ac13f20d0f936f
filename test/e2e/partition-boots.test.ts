// Disks that are started in other ways than the usual one, by UEFI firmware, until a unit inside has said what is mounted: an
// encrypted root whose passphrase is a credential, a disk that has only /usr, one that is a CD-ROM, and one whose shim, GRUB
// and kernel are those that Debian has signed, by firmware with Secure Boot and Microsoft's keys. Only with --all, as each
// takes a machine that is emulated.

import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { endsMachine } from "../support/ends-machine.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { type Tree, writeTree } from "../support/project.ts";
import { keptToolsTree } from "../support/tools-tree.ts";

const all = process.env["MKOSI_TEST_ALL"] === "1";
const notHere = process.getuid?.() !== 0 || process.arch !== "x64";
const STATUS = 7;
/** An emulated machine beside others is slow. */
const PATIENCE = "systemd.default_device_timeout_sec=900 systemd.default_timeout_start_sec=900";
/** What a system without /etc begins with, and nobody here needs. */
const MASKED = ["ldconfig", "systemd-hwdb-update", "systemd-journal-catalog-update"]
  .map((unit) => `systemd.mask=${unit}.service`)
  .join(" ");
const PASSPHRASE = "very secret";

const partition = (...lines: readonly string[]) => `[Partition]\n${lines.join("\n")}\n`;

const ESP = partition(
  ...["Type=esp", "Format=vfat", "CopyFiles=/boot:/", "CopyFiles=/efi:/", "SizeMinBytes=300M", "SizeMaxBytes=300M"],
);
const ROOT = ["Type=root", "CopyFiles=/", "ExcludeFiles=/boot/", "ExcludeFiles=/efi/"];

function disk(second: string, { content = "", rest = "", dependencies = "tree" } = {}): Tree {
  return {
    "mkosi.conf": `[Config]
Dependencies=${dependencies}
[Output]
Format=disk
[Content]
BaseTrees=%O/tree
Bootable=yes
${content}
${rest}
`,
    "mkosi.repart": { "00-esp.conf": ESP, "10-second.conf": second },
  };
}

/** The systemd of trixie finds no partitions on a CD; that its kernel and initrd were started from there is enough. */
const SMALL = "Initrds=%O/small.cpio\nKernelModulesInitrd=no\nKernelCommandLine=console=hvc0 rdinit=/start";
const SMALL_ROOT = partition("Type=root", "Format=erofs", "CopyFiles=/usr/lib/os-release", "Minimize=best");
const INIT = `#!/busybox sh
/busybox mount -t devtmpfs dev /dev
/busybox dmesg | /busybox grep 'Secure boot enabled'
echo INITRD-IS-UP
/busybox poweroff -f
`;

const PROJECT: Tree = {
  "mkosi.conf": `[Distribution]
Distribution=debian
Release=trixie
[Config]
Dependencies=tree,luks,usr,small,cd,shim
[Output]
Format=none
OutputDirectory=out
[Runtime]
Console=read-only
KVM=no
RAM=2G
TPM=no
KernelCommandLineExtra=${PATIENCE}
`,
  "mkosi.images": {
    tree: {
      "mkosi.conf": `[Output]
Format=directory
[Content]
Packages=linux-image-cloud-amd64,systemd,systemd-boot-efi,systemd-cryptsetup,udev,dbus,busybox-static,shim-signed,grub-efi-amd64-signed
RemoveFiles=/usr/share/locale /usr/share/i18n /usr/lib/*/gconv /boot/initrd.img*
Bootable=no
`,
      "mkosi.extra/usr/lib/systemd/system-preset/00-test.preset": "enable success.service\ndisable systemd-networkd*\n",
      "mkosi.extra/usr/lib/systemd/system/success.service": `[Unit]
After=multi-user.target
${endsMachine(STATUS)}
[Service]
Type=oneshot
StandardOutput=journal+console
ExecStart=sh -ec 'for place in / /usr; do findmnt --noheadings --output TARGET,SOURCE,FSTYPE --target $place | sed "s/^/MOUNTED: /"; done'
[Install]
WantedBy=multi-user.target
`,
    },
    luks: {
      ...disk(partition(...ROOT, "Format=ext4", "Encrypt=key-file", "Minimize=guess"), {
        rest: "[Validation]\nPassphrase=passphrase",
      }),
      passphrase: PASSPHRASE,
    },
    usr: disk(partition("Type=usr", "Format=erofs", "CopyFiles=/usr:/", "Minimize=best"), {
      content: `KernelCommandLine=root=tmpfs mount.usr=PARTUUID systemd.firstboot=no ${MASKED}`,
    }),
    // Nothing but what is not in the tree below.
    small: {
      "mkosi.conf": `[Config]
Dependencies=tree
[Output]
Format=cpio
CompressOutput=none
Overlay=yes
[Content]
Bootable=no
BaseTrees=%O/tree
ExtraTrees=%O/tree/usr/bin/busybox:/busybox
`,
      "mkosi.extra": { start: INIT, dev: {} },
    },
    cd: disk(SMALL_ROOT, { content: SMALL, dependencies: "tree,small" }),
    shim: disk(SMALL_ROOT, {
      dependencies: "tree,small",
      content: `${SMALL}\nBootloader=grub-signed\nShimBootloader=signed\nUnifiedKernelImages=none`,
    }),
  },
};

describe.skipIf(notHere || !all)("disks with other partitions", () => {
  let cwd = "";

  beforeAll(async () => {
    cwd = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
    writeTree(cwd, PROJECT);
    chmodSync(join(cwd, "mkosi.images/luks/passphrase"), 0o600);
    chmodSync(join(cwd, "mkosi.images/small/mkosi.extra/start"), 0o755);
    await mkosiOk([`--tools-tree=${keptToolsTree()}`, "build"], { cwd });
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  test.each([
    ["luks", [`--credential="cryptsetup.passphrase=${PASSPHRASE}"`], /MOUNTED: \/ +\/dev\/mapper\/root +ext4/],
    ["usr", [], /MOUNTED: \/ +\S+ +tmpfs[\s\S]*MOUNTED: \/usr +\S+ +erofs/],
  ])("%s boots", async (image, options, mounted) => {
    const argv = [`--tools-tree=${keptToolsTree()}`, `--image=${image}`, ...options, "vm"];
    const { status, stdout, stderr } = await mkosi(argv, { cwd, timeout: 900 });
    const seen = `${stdout}${stderr}`;
    expect(mounted.test(seen), `${seen.match(/MOUNTED.*/g)?.join("\n")}\n${seen.slice(-5000)}`).toBe(true);
    expect(status).toBe(STATUS);
  });

  test.each([
    ["cd", ["--disk-type=scsi-cd"], /BdsDxe: starting .*CD-ROM[\s\S]*INITRD-IS-UP/],
    [
      "shim",
      ["--firmware=uefi-secure-boot", "--firmware-variables=microsoft"],
      /Secure boot (?:is )?enabled[\s\S]*INITRD-IS-UP/i,
    ],
  ])("%s is started by the firmware", async (image, options, said) => {
    const argv = [`--tools-tree=${keptToolsTree()}`, `--image=${image}`, ...options, "vm"];
    const { status, stdout, stderr } = await mkosi(argv, { cwd, timeout: 900 });
    expect(said.test(`${stdout}${stderr}`), `status ${status}\n${stdout}${stderr}`).toBe(true);
    expect(status).toBe(0);
  });
});
