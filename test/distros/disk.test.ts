// Bootable disks of one distribution of each package manager, from the local mirror: the built-in machine and the default
// initrd with the packages' names that the distribution has for them, systemd-boot and a unified kernel image, read back by
// tools that are not ours, and booted by UEFI firmware until a unit inside, which looks at the running system, ends the
// machine with its own status.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { endsMachine } from "../support/ends-machine.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { writeTree } from "../support/project.ts";
import { type MirrorName, mirrorMissing } from "./mirror.ts";
import { runTool } from "./run-tool.ts";
import { withMirror } from "./with-mirror.ts";

const STATUS = 7;

interface Case {
  readonly distribution: MirrorName;
  /** Name of its kernel's package. */
  readonly kernel: string;
  /** In os-release. */
  readonly id: string;
  readonly filesystem: "btrfs" | "ext4";
  /** How its kernel's modules are compressed. */
  readonly modules: "xz" | "zst";
  /** One of the initrd's packages, by its name in the built-in list, leaves this file. */
  readonly initrdHas: string;
}

const CASES: readonly Case[] = [
  {
    distribution: "fedora",
    kernel: "kernel-core",
    id: "fedora",
    filesystem: "btrfs",
    modules: "xz",
    initrdHas: "usr/bin/ps",
  },
  {
    distribution: "opensuse",
    kernel: "kernel-default",
    id: "opensuse-tumbleweed",
    filesystem: "btrfs",
    modules: "zst",
    initrdHas: "usr/bin/diff",
  },
  {
    distribution: "arch",
    kernel: "linux",
    id: "arch",
    filesystem: "ext4",
    modules: "zst",
    initrdHas: "usr/sbin/fsck.fat",
  },
];

/** Modules of the image's own are loaded, not only those of the initrd; nothing has failed to start. */
const unit = ({ id, filesystem }: Case) => `[Unit]
Description=Say that the machine is up, and end it
After=multi-user.target
${endsMachine(STATUS)}
[Service]
Type=oneshot
StandardOutput=journal+console
StandardError=journal+console
ExecStart=sh -ec '\\
  grep -q mkosi.test=1 /proc/cmdline; \\
  grep -q "^ID=.${id}" /etc/os-release; \\
  grep -q "^/dev/[^ ]* / ${filesystem} " /proc/mounts; \\
  modprobe zram; test -d /sys/module/zram; \\
  systemctl --failed --no-legend --plain; \\
  test -z "$(systemctl --failed --no-legend --plain)"; \\
  echo IMAGE-IS-UP'
[Install]
WantedBy=multi-user.target
`;

const missing = mirrorMissing() ?? (process.arch === "x64" ? undefined : "the mirror's packages are for x86-64");
const all = process.env["MKOSI_TEST_ALL"] === "1";

describe.skipIf(missing !== undefined)(`bootable disks${missing === undefined ? "" : `: ${missing}`}`, () => {
  const mirror = withMirror();

  describe.for(CASES.map((one) => [one.distribution, one] as const))("%s", ([, one]) => {
    // What makeProject removes at a test's end is needed by both tests.
    let project = "";
    beforeAll(() => {
      project = mkdtempSync(join(tmpdir(), "mkosi-test-"));
      return () => rmSync(project, { recursive: true, force: true });
    });

    const tool = async (script: string) =>
      (await runTool(mirror.tools, ["bash", "-ec", `set -o pipefail\n${script}`], { see: [project] })).stdout;

    test("has what firmware, boot loader and kernel look for", async () => {
      writeTree(project, {
        "mkosi.conf": `[Distribution]
Distribution=${one.distribution}
Mirror=${mirror.url(one.distribution)}
[Output]
Format=disk
ManifestFormat=json
[Content]
InitrdProfiles=lvm network nfs pkcs11 plymouth raid
KernelCommandLine=mkosi.test=1
[Include]
Include=mkosi-vm
[Build]
ToolsTree=${mirror.toolsTree}
PackageCacheDirectory=cache
[Runtime]
Console=read-only
RAM=1G
TPM=no
`,
        cache: {},
        "mkosi.extra/usr/lib/systemd": {
          "system-preset": { "00-test.preset": "enable success.service\ndisable systemd-networkd*\n" },
          system: { "success.service": unit(one) },
        },
      });
      await mkosiOk(["build"], { cwd: project });

      const { stdout } = await execa("sfdisk", ["--json", join(project, "image.raw")]);
      const { partitiontable } = JSON.parse(stdout) as {
        partitiontable: { sectorsize: number; partitions: { type: string; start: number; size: number }[] };
      };
      const [esp, root] = partitiontable.partitions;
      expect(partitiontable.partitions.map(({ type }) => type)).toEqual([
        ...["C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"],
      ]);

      const offset = (esp?.start ?? 0) * partitiontable.sectorsize;
      const loaders = await tool(`mdir -i image.raw@@${offset} -/ -b ::`);
      const [, version = ""] = /::\/EFI\/Linux\/[\w-]+?-(\d.*)\.efi/.exec(loaders) ?? [];
      expect(loaders).toContain(`::/EFI/Linux/${one.id}-${version}.efi`);
      expect(loaders).toMatch(/::\/EFI\/BOOT\/BOOTX64\.EFI/i);
      expect(loaders).toContain("::/EFI/systemd/systemd-bootx64.efi");
      expect(loaders).toContain("::/loader/loader.conf");

      const sections = JSON.parse(await tool("ukify --json=short inspect image.efi")) as Record<string, object>;
      expect(sections).toMatchObject({
        ".cmdline": { text: expect.stringContaining("mkosi.test=1") },
        ".osrel": { text: expect.stringContaining(`ID="${one.id}"`) },
        ".uname": { text: version },
        ".linux": expect.anything(),
        ".initrd": expect.anything(),
      });

      // The initrd for all kernels, without a kernel; and the modules of the one that is there.
      const initrd = (await tool("zstd -dc <initrd | cpio --list --quiet")).split("\n");
      expect(initrd).toEqual(
        expect.arrayContaining(["init", "etc/initrd-release", "usr/bin/udevadm", "usr/bin/less", one.initrdHas]),
      );
      expect(initrd.filter((path) => path.includes("vmlinuz"))).toEqual([]);
      const modules = (await tool("tail -c +$(($(stat -Lc %s initrd) + 1)) image.initrd | cpio --list --quiet")).split(
        "\n",
      );
      const module = (path: string) => `usr/lib/modules/${version}/kernel/${path}.ko.${one.modules}`;
      expect(modules).toEqual(
        expect.arrayContaining([
          module("drivers/block/virtio_blk"),
          module("fs/btrfs/btrfs"),
          `usr/lib/modules/${version}/modules.dep.bin`,
        ]),
      );

      const bytes = (sectors = 0) => sectors * partitiontable.sectorsize;
      const seen = await tool(`
        dd if=image.raw of=root bs=1M iflag=skip_bytes,count_bytes skip=${bytes(root?.start)} count=${bytes(root?.size)} conv=sparse status=none
        blkid -p -o value -s TYPE root
        ${one.filesystem === "ext4" ? EXT4 : BTRFS}
        rm root`);
      expect(seen).toMatch(new RegExp(`^${one.filesystem}$`, "m"));
      expect(seen).toMatch(new RegExp(`^ID="${one.id}"$`, "m"));

      const manifest = JSON.parse(readFileSync(join(project, "image.manifest"), "utf8")) as {
        packages: { name: string }[];
      };
      expect(manifest.packages.map(({ name }) => name)).toContain(one.kernel);
    });

    // Emulated, on a machine with other work to do, each takes minutes.
    test("boots, and its exit status is the verb's", async ({ skip }) => {
      if (!all) skip("only with --all");
      // The default tools tree has more for machines: how their status is heard where the kernel has no vsock.
      const { status, stdout, stderr } = await mkosi(["--tools-tree=default", "vm"], { cwd: project, timeout: 900 });
      const seen = `${stdout}${stderr}`;
      expect({ status, end: seen.slice(-9000) }).toMatchObject({
        status: STATUS,
        end: expect.stringContaining("IMAGE-IS-UP"),
      });
    });
  });
});

/** Check a file system in the file `root`, and print its os-release. */
const EXT4 = "e2fsck -fn root >&2; debugfs -R 'cat /usr/lib/os-release' root";
const BTRFS = `btrfs check root >&2
        btrfs restore --path-regex '^/(|usr(|/lib(|/os-release)))$' root /tmp >&2
        cat /tmp/usr/lib/os-release`;
