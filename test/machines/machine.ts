// A plain machine that tests change in the place they are about.

import { boardOf } from "../../src/machines/architecture.ts";
import type { MachineSpec } from "../../src/machines/machine.ts";

export function plainMachine(changes: Partial<MachineSpec> = {}): MachineSpec {
  const board = boardOf("x86-64");
  if (board === undefined) throw new Error("no board");
  return {
    program: `qemu-system-${(changes.board ?? board).qemu}`,
    board,
    name: "mkosi-test",
    accelerator: { kind: "kvm" },
    cpus: 2,
    ram: 2 * 1024 ** 3,
    maxMem: null,
    cxl: false,
    firmware: undefined,
    kernel: undefined,
    disk: undefined,
    drives: [],
    smbiosStrings: [],
    sharedDirectories: [],
    vsock: undefined,
    tpm: undefined,
    network: "none",
    console: { kind: "none" },
    ports: [],
    qmpSocket: "/run/machine/qmp",
    extra: [],
    ...changes,
  };
}
