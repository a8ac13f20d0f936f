import { describe, expect, test } from "vitest";
import { nativeArchitecture } from "../../src/facts/architectures.ts";
import { acceleratorsToTry, firmwareHangs, kvmComplaint, qemuWords } from "../../src/machines/accelerator.ts";

const native = nativeArchitecture();
const foreign = native === "s390x" ? "riscv64" : "s390x";

test.each([
  ["auto", native, true, ["kvm", "tcg"]],
  ["auto", native, false, ["tcg"]],
  ["auto", foreign, true, ["tcg"]],
  ["enabled", native, true, ["kvm"]],
  ["disabled", native, true, ["tcg"]],
] as const)("KVM=%s for %s, usable %s", (kvm, architecture, usable, expected) => {
  expect(acceleratorsToTry(kvm, architecture, usable, undefined)).toEqual(expected);
});

test("KVM=yes fails where KVM cannot be", () => {
  expect(() => acceleratorsToTry("enabled", native, false, undefined)).toThrow("/dev/kvm cannot be opened");
  expect(() => acceleratorsToTry("enabled", foreign, true, undefined)).toThrow(`cannot run ${foreign} guests`);
});

const EMULATION_FAILURE = `qemu-system-x86_64: -mon chardev=qmp: warning: '-mon' is deprecated
KVM internal error. Suberror: 1
extra data[0]: 0x0000000000000001
emulation failure
RAX=0000000000000000 RBX=000000008000f844 RCX=0000000000000000 RDX=0000000000000ff0
R8 =0000000000000100 R9 =000000000000fffd R10=0000000000000000 R11=0000000000000000
RIP=00000000fffd45a4 RFL=00000093 [--S-A-C] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0018 0000000000000000 ffffffff 00c09300 DPL=0 DS   [-WA]
LDT=0000 0000000000000000 0000ffff 00008200 DPL=0 LDT
GDT=     00000000fffffeb0 0000003f
CR0=80000033 CR2=0000000000000000 CR3=0000000000800000 CR4=00000660
DR0=0000000000000000 DR1=0000000000000000 DR2=0000000000000000 DR3=0000000000000000
EFER=0000000000000500
Code=d2 45 31 db 5f 5e 5b 41 5c 41 5d 41 5e 41 5f 5d c3 0f 1f 00 <9b> db e3 d9
`;

test("finds QEMU's words about KVM between registers", () => {
  expect(qemuWords(EMULATION_FAILURE)).toEqual(["KVM internal error. Suberror: 1", "emulation failure"]);
  expect(kvmComplaint(EMULATION_FAILURE)).toBe("KVM internal error. Suberror: 1; emulation failure");
  expect(
    kvmComplaint("qemu-system-x86_64: -accel kvm: System Management Mode not supported by this hypervisor.\n"),
  ).toBe("-accel kvm: System Management Mode not supported by this hypervisor.");
});

test("an error about something else is not KVM's", () => {
  expect(kvmComplaint("qemu-system-x86_64: -device foo: 'foo' is not a valid device model name\n")).toBeUndefined();
});

describe("firmware that hangs without a word", () => {
  const asked = async (reads: number, efer: string) => {
    const execute = async (command: string) =>
      command === "query-blockstats" ? [{ stats: { rd_operations: reads } }] : `EAX=0\r\nEFER=${efer}\r\n`;
    return await firmwareHangs({ execute }, new AbortController().signal, 1);
  };
  test("has read nothing and is not in long mode", async () => {
    expect(await asked(0, "0000000000000000")).toBe(true);
    expect(await asked(0, "0000000000000d01")).toBe(false);
    expect(await asked(3, "0000000000000000")).toBe(false);
  });

  test("is not waited for when the machine has ended", async () => {
    const over = new AbortController();
    const answer = firmwareHangs({ execute: async () => [] }, over.signal);
    over.abort();
    expect(await answer).toBe(false);
  });
});
