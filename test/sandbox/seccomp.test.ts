import { expect, test } from "vitest";
import { syncFilter } from "../../src/sandbox/seccomp.ts";

/** Runs a filter as the kernel does: on (architecture, call number), giving the return value. */
function run(filter: Buffer, architecture: number, call: number): number {
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(at * 8);
    const value = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x20) accumulator = value === 4 ? architecture : call;
    else if (code === 0x15) at += filter.readUInt8(at * 8 + (accumulator === value ? 2 : 3));
    else return value;
  }
}

const X86_64 = 0xc000003e;
const ALLOW = 0x7fff0000;
const SUCCESS = 0x00050000;

test("the sync family is answered with success, everything else is allowed", () => {
  const filter = syncFilter("x64") as Buffer;
  for (const call of [162, 74, 75, 306, 26, 277]) expect(run(filter, X86_64, call)).toBe(SUCCESS);
  for (const call of [0, 1, 25, 27, 73, 76, 161, 163, 435]) expect(run(filter, X86_64, call)).toBe(ALLOW);
});

test("calls of another architecture are not touched", () => {
  expect(run(syncFilter("x64") as Buffer, 0x40000003, 162)).toBe(ALLOW);
});

test("there is none where the numbers are unknown", () => {
  expect(syncFilter("mips")).toBeUndefined();
});
