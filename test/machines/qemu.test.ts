import { describe, expect, test } from "vitest";
import { boardOf } from "../../src/machines/architecture.ts";
import type { Disk, UefiImage } from "../../src/machines/machine.ts";
import { qemuCommand } from "../../src/machines/qemu.ts";
import { plainMachine } from "./machine.ts";

const uefi: UefiImage = {
  code: "/usr/share/OVMF/OVMF_CODE_4M.fd",
  codeFormat: "raw",
  variables: "/run/machine/firmware-variables",
  variablesFormat: "raw",
  secureBoot: false,
};
const disk: Disk = {
  path: "/machine/disk",
  format: "raw",
  type: "virtio-blk",
  removable: false,
  direct: true,
  ephemeral: false,
};

/** The argument after an option, for each time it is there. */
function values(command: readonly string[], option: string): string[] {
  return command.flatMap((word, index) => (word === option ? [command[index + 1] ?? ""] : []));
}

/** One option a line. */
function lines(command: readonly string[]): string {
  return command.join(" ").replaceAll(" -", "\n-");
}

describe("qemuCommand", () => {
  test("a disk booted by UEFI under KVM, word for word", () => {
    const command = qemuCommand(
      plainMachine({
        firmware: uefi,
        disk,
        network: "user",
        console: { kind: "socket", path: "/run/machine/console", mux: true },
        smbiosStrings: ["/run/machine/credentials/0"],
        tpm: "/run/machine/tpm-control",
        vsock: { kind: "daemon", socket: "/run/machine/vsock-device" },
        extra: ["-device", "usb-ehci"],
      }),
    );
    expect(lines(command)).toMatchInlineSnapshot(`
      "qemu-system-x86_64
      -name mkosi-test
      -no-user-config
      -nodefaults
      -S
      -chardev socket,id=qmp,path=/run/machine/qmp
      -qmp chardev:qmp
      -machine q35,smm=off,hpet=off,memory-backend=mem
      -accel kvm
      -cpu host
      -smp 2
      -m 2048M
      -object memory-backend-memfd,id=mem,size=2048M,share=on
      -object rng-random,filename=/dev/urandom,id=rng0
      -device virtio-rng-pci,rng=rng0
      -device virtio-balloon,free-page-reporting=on
      -nic user,model=virtio-net-pci
      -display none
      -chardev socket,id=console,path=/run/machine/console,mux=on
      -device virtio-serial-pci
      -device virtconsole,chardev=console
      -monitor chardev:console
      -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd
      -drive if=pflash,format=raw,file=/run/machine/firmware-variables
      -blockdev driver=raw,node-name=mkosi,discard=unmap,file.driver=file,file.filename=/machine/disk,cache.direct=on,cache.no-flush=off
      -device virtio-blk-pci,drive=mkosi,bootindex=1
      -chardev socket,id=vsock,path=/run/machine/vsock-device
      -device vhost-user-vsock-pci,chardev=vsock
      -chardev socket,id=tpm,path=/run/machine/tpm-control
      -tpmdev emulator,id=tpm0,chardev=tpm
      -device tpm-tis,tpmdev=tpm0
      -smbios type=11,path=/run/machine/credentials/0
      -device usb-ehci"
    `);
  });

  test("a kernel started directly, emulated, with its root on a shared directory", () => {
    const command = qemuCommand(
      plainMachine({
        accelerator: { kind: "tcg", qemuMajor: 11 },
        kernel: { path: "/machine/kernel", initrd: "/machine/initrd", commandLine: "root=root rootfstype=virtiofs rw" },
        sharedDirectories: [{ tag: "root", socket: "/run/machine/shared-0" }],
        maxMem: 4 * 1024 ** 3,
      }),
    );
    expect(lines(command)).toMatchInlineSnapshot(`
      "qemu-system-x86_64
      -name mkosi-test
      -no-user-config
      -nodefaults
      -S
      -chardev socket,id=qmp,path=/run/machine/qmp
      -qmp chardev:qmp
      -machine q35,smm=off,hpet=off,memory-backend=mem
      -accel tcg
      -cpu max
      -smp 2
      -m 2048M,maxmem=4096M
      -object memory-backend-memfd,id=mem,size=2048M,share=on
      -object rng-random,filename=/dev/urandom,id=rng0
      -device virtio-rng-pci,rng=rng0
      -device virtio-balloon,free-page-reporting=on
      -nic none
      -display none
      -kernel /machine/kernel
      -initrd /machine/initrd
      -append root=root rootfstype=virtiofs rw
      -chardev socket,id=fs0,path=/run/machine/shared-0
      -device vhost-user-fs-pci,queue-size=1024,chardev=fs0,tag=root"
    `);
  });

  test("emulators before QEMU 10 get a CPU without cmpxchg16b, which they get wrong", () => {
    expect(values(qemuCommand(plainMachine({ accelerator: { kind: "tcg", qemuMajor: 7 } })), "-cpu")).toEqual([
      "max,-cx16",
    ]);
    expect(values(qemuCommand(plainMachine({ accelerator: { kind: "tcg", qemuMajor: 10 } })), "-cpu")).toEqual(["max"]);
  });

  test("only secure boot switches System Management Mode on", () => {
    expect(values(qemuCommand(plainMachine({ firmware: uefi })), "-machine")).toEqual(["q35,smm=off,hpet=off"]);
    const secure = qemuCommand(plainMachine({ firmware: { ...uefi, secureBoot: true } }));
    expect(values(secure, "-machine")).toEqual(["q35,smm=on,hpet=off"]);
    expect(values(secure, "-global")).toContain("driver=cfi.pflash01,property=secure,value=on");
  });

  test.each([
    [{ type: "virtio-blk", removable: false }, "virtio-blk-pci,drive=mkosi,bootindex=1"],
    [{ type: "nvme", removable: false }, "nvme,serial=mkosi,drive=mkosi,bootindex=1"],
    [{ type: "virtio-scsi", removable: false }, "scsi-hd,drive=mkosi,bootindex=1"],
    [{ type: "scsi-cd", removable: false }, "scsi-cd,drive=mkosi,bootindex=1"],
    [{ type: "virtio-blk", removable: true }, "scsi-hd,device_id=mkosi,removable=on,drive=mkosi,bootindex=1"],
    [{ type: "scsi-cd", removable: true }, "scsi-cd,device_id=mkosi,removable=on,drive=mkosi,bootindex=1"],
  ] as const)("disk %j", (changes, device) => {
    expect(values(qemuCommand(plainMachine({ disk: { ...disk, ...changes } })), "-device")).toContain(device);
  });

  test("memory is shared only with daemons that must see it", () => {
    expect(values(qemuCommand(plainMachine({ vsock: { kind: "kernel", cid: 77 } })), "-object")).not.toContain(
      expect.stringContaining("memfd"),
    );
    const shared = qemuCommand(plainMachine({ vsock: { kind: "daemon", socket: "/s" } }));
    expect(values(shared, "-object")).toContain("memory-backend-memfd,id=mem,size=2048M,share=on");
    expect(values(shared, "-machine")[0]).toContain("memory-backend=mem");
  });

  test("commas in values are doubled, and the user's arguments come last", () => {
    const command = qemuCommand(
      plainMachine({ name: "a,b", drives: [{ id: "x", path: "/p,q", options: "read-only=on" }], extra: ["-snapshot"] }),
    );
    expect(values(command, "-name")).toEqual(["a,,b"]);
    expect(values(command, "-blockdev")[0]).toBe(
      "driver=raw,node-name=x,file.driver=file,file.filename=/p,,q,file.locking=off,cache.no-flush=on,read-only=on",
    );
    expect(command.at(-1)).toBe("-snapshot");
  });

  test("CXL= and MaxMem=", () => {
    const command = qemuCommand(plainMachine({ cxl: true, maxMem: 3 * 1024 ** 3 }));
    expect(values(command, "-machine")).toEqual(["q35,smm=off,hpet=off,cxl=on"]);
    expect(values(command, "-m")).toEqual(["2048M,maxmem=3072M"]);
  });

  test.each([
    ["user", "user,model=virtio-net-pci"],
    ["interface", "tap,script=no,downscript=no,model=virtio-net-pci"],
    ["none", "none"],
  ] as const)("RuntimeNetwork=%s", (network, nic) => {
    expect(values(qemuCommand(plainMachine({ network })), "-nic")).toEqual([nic]);
  });

  test.each([
    [{ kind: "none" }, "none", [], []],
    [{ kind: "gui" }, "sdl,gl=on", ["virtio-vga"], []],
    [
      { kind: "socket", path: "/c", mux: false },
      "none",
      ["virtio-serial-pci", "virtconsole,chardev=console"],
      ["socket,id=console,path=/c"],
    ],
    [
      { kind: "socket", path: "/c", mux: true },
      "none",
      ["virtio-serial-pci", "virtconsole,chardev=console"],
      ["socket,id=console,path=/c,mux=on"],
    ],
  ] as const)("console %j", (console, display, devices, sockets) => {
    const command = qemuCommand(plainMachine({ console }));
    expect(values(command, "-display")).toEqual([display]);
    expect(values(command, "-device").filter((device) => /vga|virtio-serial|virtconsole/.test(device))).toEqual(
      devices,
    );
    expect(values(command, "-chardev").filter((socket) => socket.includes("id=console"))).toEqual(sockets);
    // QEMU's monitor is there with a native console alone.
    expect(values(command, "-monitor")).toEqual(console.kind === "socket" && console.mux ? ["chardev:console"] : []);
  });

  test("boards other than the PC have neither SMM nor HPET", () => {
    const board = boardOf("arm64");
    expect(board).toBeDefined();
    if (board === undefined) return;
    const command = qemuCommand(plainMachine({ board, accelerator: { kind: "tcg", qemuMajor: 7 }, tpm: "/t" }));
    expect(command[0]).toBe("qemu-system-aarch64");
    expect(values(command, "-machine")).toEqual(["virt"]);
    expect(values(command, "-cpu")).toEqual(["max"]);
    expect(values(command, "-device")).toContain("tpm-tis-device,tpmdev=tpm0");
  });
});
