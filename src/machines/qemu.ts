// Turns a MachineSpec into QEMU's command line. Pure: what is decided is decided before.

import type { Disk, MachineSpec } from "./machine.ts";

const MIB = 1024 * 1024;
/** From this version on the emulator's `max` CPU boots Linux on several processors. */
const CX16_FIXED = 10;

/** QEMU and its arguments for a machine. It starts paused: whoever holds the QMP socket lets it go. */
export function qemuCommand(spec: MachineSpec): string[] {
  return [
    spec.program,
    ...["-name", quote(spec.name), "-no-user-config", "-nodefaults", "-S"],
    ...["-chardev", `socket,id=qmp,path=${quote(spec.qmpSocket)}`, "-qmp", "chardev:qmp"],
    ...board(spec),
    ...processors(spec),
    ...memory(spec),
    ...["-object", "rng-random,filename=/dev/urandom,id=rng0", "-device", "virtio-rng-pci,rng=rng0"],
    ...["-device", "virtio-balloon,free-page-reporting=on"],
    ...network(spec),
    ...consoleDevice(spec),
    ...firmware(spec),
    ...kernel(spec),
    ...(spec.disk === undefined ? [] : disk(spec.disk)),
    ...spec.drives.flatMap((drive) => ["-blockdev", extraDrive(drive.id, drive.path, drive.options)]),
    ...spec.sharedDirectories.flatMap(({ tag, socket }, index) => [
      ...["-chardev", `socket,id=fs${index},path=${quote(socket)}`],
      ...["-device", `vhost-user-fs-pci,queue-size=1024,chardev=fs${index},tag=${quote(tag)}`],
    ]),
    ...vsock(spec),
    ...tpm(spec),
    ...spec.smbiosStrings.flatMap((path) => ["-smbios", `type=11,path=${quote(path)}`]),
    ...spec.ports.flatMap(({ name, file }, index) => [
      ...(index === 0 ? ["-device", "virtio-serial-pci,id=ports"] : []),
      ...["-chardev", `file,id=port${index},path=${quote(file)}`],
      ...["-device", `virtserialport,bus=ports.0,chardev=port${index},name=${quote(name)}`],
    ]),
    ...spec.extra,
  ];
}

/** Within an option's value a comma separates, and two stand for one. */
function quote(value: string): string {
  return value.replaceAll(",", ",,");
}

/** Whether another process (a vhost-user daemon) must see the guest's memory. */
function sharesMemory(spec: MachineSpec): boolean {
  return spec.sharedDirectories.length > 0 || spec.vsock?.kind === "daemon";
}

function board(spec: MachineSpec): string[] {
  const options = [
    spec.board.machine,
    // Only firmware with secure boot needs System Management Mode, and it costs time and compatibility.
    ...(spec.board.x86 ? [`smm=${spec.firmware?.secureBoot === true ? "on" : "off"}`, "hpet=off"] : []),
    ...(spec.cxl ? ["cxl=on"] : []),
    ...(sharesMemory(spec) ? ["memory-backend=mem"] : []),
  ];
  return ["-machine", options.join(",")];
}

function processors(spec: MachineSpec): string[] {
  const smp = ["-smp", String(spec.cpus)];
  if (spec.accelerator.kind === "kvm") return ["-accel", "kvm", "-cpu", "host", ...smp];
  const max = spec.board.x86 && spec.accelerator.qemuMajor < CX16_FIXED ? "max,-cx16" : "max";
  return ["-accel", "tcg", "-cpu", max, ...smp];
}

function memory(spec: MachineSpec): string[] {
  const size = `${Math.floor(spec.ram / MIB)}M`;
  const maximum = spec.maxMem === null ? "" : `,maxmem=${Math.floor(spec.maxMem / MIB)}M`;
  return [
    ...["-m", `${size}${maximum}`],
    ...(sharesMemory(spec) ? ["-object", `memory-backend-memfd,id=mem,size=${size},share=on`] : []),
  ];
}

function network(spec: MachineSpec): string[] {
  switch (spec.network) {
    case "user":
      return ["-nic", `user,model=${spec.board.nic}`];
    case "interface":
      return ["-nic", `tap,script=no,downscript=no,model=${spec.board.nic}`];
    case "none":
      return ["-nic", "none"];
  }
}

function consoleDevice(spec: MachineSpec): string[] {
  if (spec.console.kind === "gui") {
    return [
      "-device",
      spec.board.x86 ? "virtio-vga" : "virtio-gpu-pci",
      "-display",
      "sdl,gl=on",
      "-audio",
      "driver=pipewire,model=virtio",
    ];
  }
  if (spec.console.kind === "none") return ["-display", "none"];
  const { path, mux } = spec.console;
  return [
    ...["-display", "none"],
    ...["-chardev", `socket,id=console,path=${quote(path)}${mux ? ",mux=on" : ""}`],
    ...["-device", "virtio-serial-pci", "-device", "virtconsole,chardev=console"],
    ...(mux ? ["-monitor", "chardev:console"] : []),
  ];
}

function firmware({ firmware: uefi, board: { x86 } }: MachineSpec): string[] {
  if (uefi === undefined) return [];
  return [
    ...["-drive", `if=pflash,format=${uefi.codeFormat},readonly=on,file=${quote(uefi.code)}`],
    ...["-drive", `if=pflash,format=${uefi.variablesFormat},file=${quote(uefi.variables)}`],
    // Firmware with secure boot keeps its variables from the operating system by SMM.
    ...(uefi.secureBoot && x86
      ? ["-global", "ICH9-LPC.disable_s3=1", "-global", "driver=cfi.pflash01,property=secure,value=on"]
      : []),
  ];
}

function kernel({ kernel: direct }: MachineSpec): string[] {
  if (direct === undefined) return [];
  return [
    ...["-kernel", direct.path],
    ...(direct.initrd === undefined ? [] : ["-initrd", direct.initrd]),
    ...(direct.commandLine === undefined ? [] : ["-append", direct.commandLine]),
  ];
}

function disk(disk: Disk): string[] {
  const scsi = disk.removable || disk.type === "virtio-scsi" || disk.type === "scsi-cd";
  const medium = disk.removable ? ",device_id=mkosi,removable=on" : "";
  const device = scsi
    ? `${disk.type === "scsi-cd" ? "scsi-cd" : "scsi-hd"}${medium}`
    : disk.type === "nvme"
      ? "nvme,serial=mkosi"
      : "virtio-blk-pci";
  const cache = [`cache.direct=${disk.direct ? "on" : "off"}`, `cache.no-flush=${disk.ephemeral ? "on" : "off"}`];
  const blockdev = [
    `driver=${disk.format}`,
    "node-name=mkosi",
    "discard=unmap",
    "file.driver=file",
    `file.filename=${quote(disk.path)}`,
    ...cache,
  ];
  return [
    ...(scsi ? ["-device", "virtio-scsi-pci,id=mkosi"] : []),
    ...["-blockdev", blockdev.join(","), "-device", `${device},drive=mkosi,bootindex=1`],
  ];
}

/** The value of `-blockdev` for a drive of Drives=. */
export function extraDrive(id: string, path: string, options: string | null): string {
  const base = [
    "driver=raw",
    `node-name=${id}`,
    "file.driver=file",
    `file.filename=${quote(path)}`,
    "file.locking=off",
    "cache.no-flush=on",
  ];
  return [...base, ...(options === null ? [] : [options])].join(",");
}

function vsock({ vsock: device }: MachineSpec): string[] {
  if (device === undefined) return [];
  if (device.kind === "kernel") return ["-device", `vhost-vsock-pci,guest-cid=${device.cid}`];
  return ["-chardev", `socket,id=vsock,path=${quote(device.socket)}`, "-device", "vhost-user-vsock-pci,chardev=vsock"];
}

function tpm({ tpm: socket, board: { tpm: device } }: MachineSpec): string[] {
  if (socket === undefined || device === undefined) return [];
  return [
    "-chardev",
    `socket,id=tpm,path=${quote(socket)}`,
    "-tpmdev",
    "emulator,id=tpm0,chardev=tpm",
    "-device",
    `${device},tpmdev=tpm0`,
  ];
}
