// What QEMU calls each architecture and which board stands for it: data that the command line is made of.

import { type Architecture, nativeArchitecture } from "../facts/architectures.ts";
import type { Config } from "../settings/index.ts";

export interface Board {
  /** Suffix of the program: `qemu-system-SUFFIX`; also the name in firmware descriptors. */
  readonly qemu: string;
  /** Machine type. */
  readonly machine: string;
  readonly nic: string;
  /** The TPM device, undefined where the board has none. */
  readonly tpm: string | undefined;
  /** Whether the board has SMM, an HPET and CXL. */
  readonly x86: boolean;
  /** Whether a direct kernel boot still gets SMBIOS tables; with UEFI every board has them. */
  readonly smbios: boolean;
}

const x86 = { machine: "q35", nic: "virtio-net-pci", tpm: "tpm-tis", x86: true, smbios: true } as const;
const other = { nic: "virtio-net-pci", tpm: undefined, x86: false, smbios: false } as const;

const BOARDS: Readonly<Partial<Record<Architecture, Board>>> = {
  "x86-64": { ...x86, qemu: "x86_64" },
  x86: { ...x86, qemu: "i386" },
  arm64: { ...other, qemu: "aarch64", machine: "virt", tpm: "tpm-tis-device" },
  arm: { ...other, qemu: "arm", machine: "virt", tpm: "tpm-tis-device" },
  riscv64: { ...other, qemu: "riscv64", machine: "virt" },
  riscv32: { ...other, qemu: "riscv32", machine: "virt" },
  loongarch64: { ...other, qemu: "loongarch64", machine: "virt" },
  "ppc64-le": { ...other, qemu: "ppc64", machine: "pseries" },
  ppc64: { ...other, qemu: "ppc64", machine: "pseries" },
  s390x: { ...other, qemu: "s390x", machine: "s390-ccw-virtio", nic: "virtio-net-ccw" },
};

/** The board for an architecture, undefined when QEMU has none that an image could boot on. */
export function boardOf(architecture: Architecture): Board | undefined {
  return BOARDS[architecture];
}

/** The names that QEMU's program for a board goes by; some distributions have one for the host's architecture only. */
export function qemuNames(board: Board, architecture: Architecture): string[] {
  return [`qemu-system-${board.qemu}`, ...(architecture === nativeArchitecture() ? ["/usr/libexec/qemu-kvm"] : [])];
}

/** The programs that a machine takes in any case; those of further settings are asked for where they matter. */
export function qemuPrograms({ architecture, ephemeral }: Pick<Config, "architecture" | "ephemeral">): string[] {
  const board = boardOf(architecture);
  return [...(board === undefined ? [] : [`qemu-system-${board.qemu}`]), ...(ephemeral ? ["qemu-img"] : [])];
}
