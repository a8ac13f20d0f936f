// The initrd with CPU microcode, which the kernel loads before anything else. Follows the kernel's
// Documentation/arch/x86/microcode.rst.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSection } from "../formats/pe.ts";
import type { TreeContext } from "../tools/context.ts";
import { createCpio } from "../tools/cpio.ts";
import { clampTimes } from "../tools/remove-files.ts";
import { systemdVersion } from "../tools/tool.ts";

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
 * Makes the initrd with the microcode that the tree has, of all its CPUs.
 * @returns the archive's path in the scratch directory; undefined where there is none
 * @throws {Failure} {CommandFailure}
 */
export async function buildMicrocodeInitrd(context: TreeContext): Promise<string | undefined> {
  const { architecture, sourceDateEpoch } = context.image.config;
  if (architecture !== "x86-64" && architecture !== "x86") return undefined;
  const root = join(context.scratch, "microcode");
  let found = false;
  for (const { name, directory, files } of VENDORS) {
    const entries = await readdir(join(context.root, directory), { withFileTypes: true }).catch(() => []);
    const names = entries
      .filter((entry) => !entry.isDirectory() && files.test(entry.name))
      .map((entry) => entry.name)
      .toSorted();
    if (names.length === 0) continue;
    const parts = await Promise.all(names.map((file) => readFile(join(context.root, directory, file))));
    await mkdir(join(root, TARGET), { recursive: true });
    await writeFile(join(root, TARGET, `${name}.bin`), Buffer.concat(parts));
    found = true;
  }
  if (!found) return undefined;
  if (sourceDateEpoch !== null) await clampTimes(root, sourceDateEpoch);
  const output = join(context.scratch, "microcode.initrd");
  await createCpio({ ...context, root }, { output });
  return output;
}

/** Whether a unified kernel image with this stub has a section of its own for microcode. */
export async function hasMicrocodeSection(context: TreeContext, stub: string): Promise<boolean> {
  const magic = (await readSection(stub, ".sdmagic"))?.toString("latin1") ?? "";
  const version = Number(/systemd-stub (\d+)/.exec(magic)?.[1] ?? 0);
  return version >= WITH_SECTION && (await systemdVersion(context, "ukify")) >= WITH_SECTION;
}
