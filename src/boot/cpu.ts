// Which microcode file is for a CPU, by the names that the kernel's own loader uses (Documentation/arch/x86/microcode.rst
// and arch/x86/kernel/cpu/microcode/).

import { readFileSync } from "node:fs";

/** What /proc/cpuinfo calls a CPU. */
export interface Cpu {
  readonly vendor: string;
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}

/** From this family on AMD has a file for each; earlier ones share one. */
const AMD_OWN_FILES = 0x15;

/** The first CPU in a text of /proc/cpuinfo; undefined on other architectures than x86. */
export function parseCpu(cpuinfo: string): Cpu | undefined {
  const fields = new Map(
    cpuinfo
      .split("\n\n", 1)
      .flatMap((cpu) => cpu.split("\n"))
      .map((line) => {
        const [name = "", ...value] = line.split(":");
        return [name.trim(), value.join(":").trim()] as const;
      }),
  );
  const number = (name: string) => Number.parseInt(fields.get(name) ?? "", 10);
  const cpu = {
    vendor: fields.get("vendor_id") ?? "",
    family: number("cpu family"),
    model: number("model"),
    stepping: number("stepping"),
  };
  return cpu.vendor === "" || [cpu.family, cpu.model, cpu.stepping].some(Number.isNaN) ? undefined : cpu;
}

/** This machine's CPU. */
export function hostCpu(): Cpu | undefined {
  return parseCpu(readFileSync("/proc/cpuinfo", "utf8"));
}

/** The names that the file with a CPU's microcode may have, the best first. */
export function microcodeNames({ vendor, family, model, stepping }: Cpu): readonly string[] {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  if (vendor === "AuthenticAMD")
    return [family < AMD_OWN_FILES ? "microcode_amd.bin" : `microcode_amd_fam${hex(family)}h.bin`];
  const name = [family, model, stepping].map(hex).join("-");
  return [name, `${name}.initramfs`];
}
