// systemd-vmspawn: its command line, and what it cannot do.

import { describe, expect, test } from "vitest";
import { checkMachineSupported } from "../../src/machines/supported.ts";
import { type VmspawnSpec, vmspawnCommand } from "../../src/machines/vmspawn/command.ts";
import { makeImage } from "../support/image.ts";

const PLAIN: VmspawnSpec = {
  program: "systemd-vmspawn",
  manager: "system",
  name: "m",
  root: { kind: "disk", path: "/out/image.raw" },
  ephemeral: false,
  diskType: "virtio-blk",
  size: null,
  cpus: 2,
  ram: 1 << 30,
  maxMem: null,
  kvm: "auto",
  tpm: "disabled",
  vsock: "enabled",
  cid: undefined,
  boot: { firmware: "uefi", kernel: undefined, initrd: undefined },
  enrolledKeys: false,
  variables: undefined,
  network: "none",
  console: "native",
  register: "auto",
  credentials: new Map(),
  binds: [],
  user: undefined,
  journal: null,
  kernelOptions: [],
  args: [],
};

const added = (changes: Partial<VmspawnSpec>) => {
  const plain = vmspawnCommand(PLAIN);
  return vmspawnCommand({ ...PLAIN, ...changes }).filter((word) => !plain.includes(word));
};

test("a plain machine of a disk keeps nothing beside it", () => {
  expect(vmspawnCommand(PLAIN)).toEqual([
    ...["systemd-vmspawn", "--quiet", "--machine=m", "--image=/out/image.raw", "--image-disk-type=virtio-blk"],
    ...["--cpus=2", "--ram=1073741824", "--kvm=auto", "--vsock=yes", "--tpm=no", "--tpm-state=off"],
    ...["--firmware=uefi", "--firmware-features=~secure-boot", "--efi-nvram-state=off"],
    ...["--console=native", "--register=auto", "--system", "--pass-ssh-key=no"],
  ]);
});

describe("each setting", () => {
  const linux = { firmware: "none", kernel: { path: "/k", uki: false }, initrd: "/i" } as const;
  const bios = { firmware: "none", kernel: undefined, initrd: undefined } as const;
  const secure = { firmware: "uefi-secure-boot", kernel: undefined, initrd: undefined } as const;
  test.each<[string, Partial<VmspawnSpec>, string[]]>([
    ["directory", { root: { kind: "directory", path: "/out/image" } }, ["--directory=/out/image"]],
    [
      "nothing but a kernel",
      { root: undefined, boot: { ...linux, initrd: undefined } },
      ["--firmware=none", "--linux=/k"],
    ],
    ["Ephemeral=, RuntimeSize=", { ephemeral: true, size: 8 }, ["--ephemeral", "--grow-image=8"]],
    ["DiskType=", { diskType: "nvme" }, ["--image-disk-type=nvme"]],
    ["MaxMem=", { maxMem: 2 ** 31 }, ["--ram=1073741824:2147483648"]],
    [
      "KVM=, TPM=, VSock=",
      { kvm: "enabled", tpm: "auto", vsock: "disabled" },
      ["--kvm=yes", "--vsock=no", "--tpm=auto"],
    ],
    ["VSockCID=", { cid: 77 }, ["--vsock-cid=77"]],
    ["Firmware=linux", { boot: linux }, ["--firmware=none", "--linux=/k", "--initrd=/i"]],
    ["Firmware=bios", { boot: bios }, ["--firmware=bios"]],
    [
      "FirmwareVariables=",
      { boot: secure, enrolledKeys: true, variables: "/v" },
      ["--firmware-features=secure-boot,enrolled-keys", "--efi-nvram-template=/v"],
    ],
    ["RuntimeNetwork=user", { network: "user" }, ["--network-user-mode"]],
    ["RuntimeNetwork=interface", { network: "interface" }, ["--network-tap"]],
    ["Console=", { console: "headless" }, ["--console=headless"]],
    ["Register=", { register: "disabled" }, ["--register=no"]],
    ["Credentials=", { credentials: new Map([["a.b", "/c/0"]]) }, ["--load-credential=a.b:/c/0"]],
    ["RuntimeTrees=", { binds: [{ source: "/a:b", target: "/c" }] }, ["--bind=/a\\:b:/c"]],
    ["BindUser=", { user: "me" }, ["--bind-user=me", "--bind-user-group=wheel"]],
    ["a user without root", { manager: "user" }, ["--user"]],
    ["options before the first argument", { args: ["--slice=x"], kernelOptions: ["quiet"] }, ["--slice=x", "quiet"]],
  ])("%s", (_, changes, words) => {
    expect(added(changes)).toEqual(words);
  });

  test("ForwardJournal= to one file", () => {
    expect(added({ journal: "/x.journal" })).toEqual([
      "--forward-journal=/x.journal",
      ...["--forward-journal-max-use=1T", "--forward-journal-keep-free=1G", "--forward-journal-max-file-size=4G"],
      "--forward-journal-max-files=1",
    ]);
  });
});

test.each([
  [{ cxl: true }, "systemd-vmspawn has nothing for CXL="],
  [{ removable: true }, "systemd-vmspawn has nothing for Removable="],
  [{ format: "cpio" }, "cannot be started by systemd-vmspawn: its format is cpio"],
] as const)("%j is refused by name", (config, words) => {
  const image = makeImage({ format: "disk", virtualMachineMonitor: "vmspawn", ...config });
  expect(() => checkMachineSupported(image)).toThrow(words);
});
