// The description of one virtual machine, complete and without decisions left: qemu.ts turns it into a command line.
// All paths are those inside the sandbox that QEMU runs in.

import type { Board } from "./architecture.ts";

/** `qemuMajor` decides which CPU features the emulator of that version gets right. */
export type Accelerator = { readonly kind: "kvm" } | { readonly kind: "tcg"; readonly qemuMajor: number };

export interface UefiImage {
  readonly code: string;
  readonly codeFormat: string;
  /** A private copy: the guest writes to it. */
  readonly variables: string;
  readonly variablesFormat: string;
  readonly secureBoot: boolean;
}

export interface DirectKernel {
  readonly path: string;
  readonly initrd: string | undefined;
  /** Undefined for a kernel that brings its own (a UKI). */
  readonly commandLine: string | undefined;
}

export type DiskType = "virtio-blk" | "virtio-scsi" | "nvme" | "scsi-cd";

export interface Disk {
  readonly path: string;
  readonly format: "raw" | "qcow2";
  readonly type: DiskType;
  readonly removable: boolean;
  /** Whether the page cache may be bypassed: the file's size must be a multiple of the page size. */
  readonly direct: boolean;
  /** Whether the guest's flushes mean nothing, as the disk is thrown away. */
  readonly ephemeral: boolean;
}

export interface ExtraDrive {
  readonly id: string;
  readonly path: string;
  readonly options: string | null;
}

/** A directory shared by virtiofs: `socket` is the daemon's. */
export interface SharedDirectory {
  readonly tag: string;
  readonly socket: string;
}

export type VsockDevice =
  | { readonly kind: "kernel"; readonly cid: number }
  /** A vhost-user daemon that forwards to unix sockets. */
  | { readonly kind: "daemon"; readonly socket: string };

export interface MachineSpec {
  /** QEMU: a name or a path. */
  readonly program: string;
  readonly board: Board;
  readonly name: string;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  /** Bytes. */
  readonly ram: number;
  readonly maxMem: number | null;
  readonly cxl: boolean;
  readonly firmware: UefiImage | undefined;
  readonly kernel: DirectKernel | undefined;
  readonly disk: Disk | undefined;
  readonly drives: readonly ExtraDrive[];
  /** Files with one SMBIOS type 11 string each. */
  readonly smbiosStrings: readonly string[];
  readonly sharedDirectories: readonly SharedDirectory[];
  readonly vsock: VsockDevice | undefined;
  /** Control socket of the software TPM. */
  readonly tpm: string | undefined;
  readonly network: "user" | "interface" | "none";
  /** `mux`: the guest and QEMU's monitor share it, Ctrl-A C switches. */
  readonly console:
    | { readonly kind: "socket"; readonly path: string; readonly mux: boolean }
    | { readonly kind: "gui" }
    | { readonly kind: "none" };
  /** Serial ports that the guest has by name; what it writes goes to the file. */
  readonly ports: readonly { readonly name: string; readonly file: string }[];
  /** We listen here and QEMU connects. */
  readonly qmpSocket: string;
  /** Arguments of the user's, last. */
  readonly extra: readonly string[];
}
