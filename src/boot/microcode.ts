// The initrd with CPU microcode, which the kernel loads before anything else. Follows the kernel's
// Documentation/arch/x86/microcode.rst.

import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSection } from "../formats/pe.ts";
import type { TreeContext } from "../tools/context.ts";
import { createCpio } from "../tools/cpio.ts";
import { fileInside, listInside, pathInside } from "../tools/inside.ts";
import { joinInitrds } from "../tools/join-initrds.ts";
import { clampTimes } from "../tools/remove-files.ts";
import { systemdVersion } from "../tools/tool.ts";
import type { UkiParts } from "../tools/ukify.ts";
import { type Cpu, hostCpu, microcodeNames } from "./cpu.ts";
import type { BootFiles } from "./entry-file.ts";

/** By vendor: where the tree has the files, and which of those there are microcode. */
const VENDORS = [
  { name: "AuthenticAMD", directory: "usr/lib/firmware/amd-ucode", files: /\.bin$/ },
  {
    name: "GenuineIntel",
    directory: "usr/lib/firmware/intel-ucode",
    files: /^[0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}(?:\.initramfs)?$/,
  },
];
/** Where the kernel looks in the first, uncompressed initrd. */
const TARGET = "kernel/x86/microcode";
/** The first stub with a section for microcode, and the first ukify that fills it. */
const WITH_SECTION = 256;

/**
 * Makes the initrd with the microcode that the tree has: of all CPUs, with MicrocodeHost= that of this machine's.
 * @returns the archive's path in the scratch directory; the same one when it was made before; undefined where there is none
 * @throws {Failure} {CommandFailure}
 */
export async function buildMicrocodeInitrd(context: TreeContext): Promise<string | undefined> {
  const { architecture, microcodeHost, sourceDateEpoch } = context.image.config;
  if (architecture !== "x86-64" && architecture !== "x86") return undefined;
  const output = join(context.scratch, "microcode.initrd");
  if (await stat(output).catch(() => undefined)) return output;
  const root = join(context.scratch, "microcode");
  const cpu = microcodeHost ? hostCpu() : undefined;
  let found = false;
  for (const { name, directory, files } of VENDORS) {
    const present = listInside(context.root, directory)
      .filter((entry) => files.test(entry.name) && fileInside(context.root, join(directory, entry.name)) !== undefined)
      .map((entry) => entry.name)
      .toSorted();
    const names = microcodeHost ? microcodeOf(cpu?.vendor === name ? cpu : undefined, present) : present;
    if (names.length === 0) continue;
    const parts = await Promise.all(names.map((file) => readFile(pathInside(context.root, join(directory, file)))));
    await mkdir(join(root, TARGET), { recursive: true });
    await writeFile(join(root, TARGET, `${name}.bin`), Buffer.concat(parts));
    found = true;
  }
  if (!found) {
    if (microcodeHost) context.report.output("The image has no microcode for this machine's CPU\n");
    return undefined;
  }
  if (sourceDateEpoch !== null) await clampTimes(root, sourceDateEpoch);
  await createCpio({ ...context, root }, { output });
  return output;
}

/** The one file that is for a CPU, if there is one. */
function microcodeOf(cpu: Cpu | undefined, present: readonly string[]): readonly string[] {
  const name = cpu === undefined ? undefined : microcodeNames(cpu).find((each) => present.includes(each));
  return name === undefined ? [] : [name];
}

/** The image's microcode: what scripts have given (see boot-artifacts.ts), else what the tree has. @throws {CommandFailure} */
export async function microcodeInitrds(
  context: TreeContext,
  given: readonly string[] = [],
): Promise<readonly string[]> {
  if (given.length > 0) return given;
  const made = await buildMicrocodeInitrd(context);
  return made === undefined ? [] : [made];
}

/**
 * Where a unified kernel image with this stub has its microcode: in a section of its own if stub and ukify know one, else
 * in front of the other initrds.
 */
export async function placeMicrocode(
  context: TreeContext,
  stub: string,
  { microcode, initrds }: Pick<BootFiles, "microcode" | "initrds">,
): Promise<Pick<UkiParts, "microcode" | "initrds">> {
  const [first, ...others] = microcode;
  if (first === undefined) return { initrds };
  if (!(await hasMicrocodeSection(context, stub))) return { initrds: [...microcode, ...initrds] };
  if (others.length === 0) return { initrds, microcode: first };
  // There is one section.
  const joined = join(context.scratch, "microcode-of-scripts.initrd");
  await joinInitrds(microcode, joined);
  return { initrds, microcode: joined };
}

async function hasMicrocodeSection(context: TreeContext, stub: string): Promise<boolean> {
  return (await stubVersion(stub)) >= WITH_SECTION && (await systemdVersion(context, "ukify")) >= WITH_SECTION;
}

/** The major version of systemd-stub; 0 when it does not say. */
export async function stubVersion(stub: string): Promise<number> {
  const magic = (await readSection(stub, ".sdmagic"))?.toString("latin1") ?? "";
  return Number(/systemd-stub (\d+)/.exec(magic)?.[1] ?? 0);
}
