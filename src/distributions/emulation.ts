// Whether this machine can run the programs of an image of another architecture: its maintainer scripts have to.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { nativeArchitecture } from "../facts/architectures.ts";
import { Failure } from "../report/failure.ts";

/** Architectures whose programs the processor runs as they are. */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  "x86-64": ["x86"],
  arm64: ["arm"],
  s390x: ["s390"],
  ppc64: ["ppc"],
};

/** How qemu's user mode emulators, and with them the kernel's registrations, are called. */
const EMULATORS: Readonly<Record<string, string>> = {
  alpha: "alpha",
  arm: "arm",
  arm64: "aarch64",
  loongarch64: "loongarch64",
  "mips-le": "mipsel",
  "mips64-le": "mips64el",
  parisc: "hppa",
  ppc: "ppc",
  ppc64: "ppc64",
  "ppc64-le": "ppc64le",
  riscv32: "riscv32",
  riscv64: "riscv64",
  s390x: "s390x",
  x86: "i386",
  "x86-64": "x86_64",
};

/**
 * Checks that the image's architecture can be run here.
 * @param registry directory of the kernel's binfmt_misc file system
 * @throws {Failure} when it is foreign and no emulator is registered
 */
export function checkEmulation(
  image: Image,
  native: string = nativeArchitecture(),
  registry = "/proc/sys/fs/binfmt_misc",
): void {
  const { architecture } = image.config;
  if (architecture === native || COMPATIBLE[native]?.includes(architecture) === true) return;
  const emulator = EMULATORS[architecture];
  if (emulator !== undefined && isRegistered(registry, emulator)) return;
  throw new Failure(
    `programs for ${architecture} cannot be run on this ${native} machine: no emulator is registered for them`,
    {
      origin: image.origin("architecture"),
      remedy: "install qemu-user-static (or qemu-user with binfmt-support), or build on a machine of that architecture",
    },
  );
}

/** An emulator counts when it is enabled and opened by the kernel beforehand (flag F), since the image does not have it. */
function isRegistered(registry: string, emulator: string): boolean {
  let entries: string[];
  try {
    entries = readdirSync(registry);
  } catch {
    return false;
  }
  return entries
    .filter((name) => name === `qemu-${emulator}` || name === `qemu-${emulator}-static`)
    .some((name) => {
      const text = readFileSync(join(registry, name), "utf8");
      return text.startsWith("enabled") && /^flags:.*F/m.test(text);
    });
}
