// The [Runtime] section: virtual machines.

import { boolean, feature } from "./types/boolean.ts";
import { oneOf } from "./types/choice.ts";
import { list } from "./types/list.ts";
import { VSOCK_CID, bytes, integer, vsockCid } from "./types/number.ts";
import { path } from "./types/path.ts";
import { drive } from "./types/special.ts";
import { stringAs, words } from "./types/text.ts";
import { setting } from "./setting.ts";

export const runtimeMachine = {
  virtualMachineMonitor: setting({
    name: "VirtualMachineMonitor", section: "Runtime", option: "vmm", type: oneOf("qemu", "vmspawn"), default: "qemu",
    scope: "main", help: "The program that runs machines.",
  }),
  console: setting({
    name: "Console", section: "Runtime", option: "console",
    type: oneOf("interactive", "read-only", "native", "gui", "headless"), default: "native", scope: "main",
    help: "How a machine's console is shown.",
  }),
  cpus: setting({
    name: "CPUs", section: "Runtime", option: "cpus", type: integer, default: 1, scope: "main", oldNames: ["QemuSmp"],
    oldOptions: ["qemu-smp"], help: "How many CPUs a machine has; 0 for as many as this one.",
  }),
  ram: setting({
    name: "RAM", section: "Runtime", option: "ram", type: bytes, default: 2 * 1024 ** 3, scope: "main",
    oldNames: ["QemuMem"], oldOptions: ["qemu-mem"], help: "How much memory a machine has.",
  }),
  maxMem: setting({
    name: "MaxMem", section: "Runtime", option: "maxmem", type: bytes, scope: "main",
    help: "How much memory a machine can grow to.",
  }),
  kvm: setting({
    name: "KVM", section: "Runtime", option: "kvm", type: feature, scope: "main", oldNames: ["QemuKvm"],
    oldOptions: ["qemu-kvm"], help: "Whether machines run on the hardware.",
  }),
  cxl: setting({
    name: "CXL", section: "Runtime", option: "cxl", type: boolean, scope: "main",
    help: "Whether a machine has CXL devices.",
  }),
  vsock: setting({
    name: "VSock", section: "Runtime", option: "vsock", type: feature, scope: "main", oldNames: ["QemuVsock"],
    oldOptions: ["qemu-vsock"], help: "Whether a machine has a VSock.",
  }),
  vsockCid: setting({
    name: "VSockCID", section: "Runtime", option: "vsock-cid", type: vsockCid, default: VSOCK_CID.auto, scope: "main",
    oldNames: ["QemuVsockConnectionId"], oldOptions: ["qemu-vsock-cid"],
    help: "The connection id of a machine's VSock.",
  }),
  tpm: setting({
    name: "TPM", section: "Runtime", option: "tpm", type: feature, scope: "main", oldNames: ["QemuSwtpm"],
    oldOptions: ["qemu-swtpm"], help: "Whether a machine has a TPM.",
  }),
  removable: setting({
    name: "Removable", section: "Runtime", option: "removable", type: boolean, scope: "main",
    oldNames: ["QemuRemovable"], oldOptions: ["qemu-removable"],
    help: "Whether a machine sees its disk as a removable one.",
  }),
  diskType: setting({
    name: "DiskType", section: "Runtime", option: "disk-type",
    type: oneOf("virtio-blk", "virtio-scsi", "nvme", "scsi-cd"), default: "virtio-blk", scope: "main",
    help: "The kind of disk a machine sees.",
  }),
  firmware: setting({
    name: "Firmware", section: "Runtime", option: "firmware",
    type: oneOf("auto", "linux", "linux-noinitrd", "uefi", "uefi-secure-boot"), default: "auto", scope: "main",
    oldNames: ["QemuFirmware"], oldOptions: ["qemu-firmware"],
    help: "What starts a machine: UEFI firmware or the kernel itself.",
  }),
  firmwareVariables: setting({
    name: "FirmwareVariables", section: "Runtime", option: "firmware-variables",
    type: path({ required: false, constants: ["custom", "microsoft", "microsoft-mok"] }), scope: "main",
    oldNames: ["QemuFirmwareVariables"], oldOptions: ["qemu-firmware-variables"],
    help: "The firmware's variables: a file, or a built-in set.",
  }),
  linux: setting({
    name: "Linux", section: "Runtime", option: "linux", type: stringAs("PATH"), scope: "main",
    oldNames: ["QemuKernel"], oldOptions: ["qemu-kernel"], help: "The kernel that a machine is booted with directly.",
  }),
  drives: setting({
    name: "Drives", section: "Runtime", option: "drive", type: list(drive, { split: "blanks" }), scope: "main",
    oldNames: ["QemuDrives"], oldOptions: ["qemu-drive"], help: "Further drives of a machine.",
  }),
  qemuArgs: setting({
    name: "QemuArgs", section: "Runtime", option: "qemu-args",
    type: list(words("arguments", "ARGS"), { split: "quoted" }), scope: "main", help: "Further arguments for qemu.",
  }),
  register: setting({
    name: "Register", section: "Runtime", option: "register", type: feature, scope: "main",
    help: "Whether containers and machines are registered with systemd-machined.",
  }),
  storageTargetMode: setting({
    name: "StorageTargetMode", section: "Runtime", option: "storage-target-mode", type: feature, scope: "main",
    help: "Whether the disk is offered over the network by systemd-storagetm.",
  }),
};
