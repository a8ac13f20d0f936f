import { expect, test } from "vitest";
import { microcodeNames, parseCpu } from "../../src/boot/cpu.ts";

const CPUINFO = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R): whatever
stepping\t: 8

processor\t: 1
vendor_id\t: SomebodyElse
`;

test("reads the first CPU", () => {
  expect(parseCpu(CPUINFO)).toEqual({ vendor: "GenuineIntel", family: 6, model: 143, stepping: 8 });
  expect(parseCpu("processor\t: 0\nCPU implementer\t: 0x41\n")).toBeUndefined();
});

test.each([
  [{ vendor: "GenuineIntel", family: 6, model: 143, stepping: 8 }, ["06-8f-08", "06-8f-08.initramfs"]],
  [{ vendor: "AuthenticAMD", family: 0x19, model: 1, stepping: 1 }, ["microcode_amd_fam19h.bin"]],
  [{ vendor: "AuthenticAMD", family: 0x15, model: 1, stepping: 1 }, ["microcode_amd_fam15h.bin"]],
  [{ vendor: "AuthenticAMD", family: 0x10, model: 1, stepping: 1 }, ["microcode_amd.bin"]],
])("names the file for %j", (cpu, names) => {
  expect(microcodeNames(cpu)).toEqual(names);
});
