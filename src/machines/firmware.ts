// Finds UEFI firmware for a machine among the descriptors that distributions install with it.
// Follows QEMU's docs/interop/firmware.json.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { toolboxRoot } from "../sandbox/spec.ts";
import type { Board } from "./architecture.ts";

/** What a descriptor file says, as far as it matters to us. */
export interface FirmwareDescriptor {
  readonly "interface-types": readonly string[];
  readonly mapping: {
    readonly device?: string;
    readonly executable?: { readonly filename: string; readonly format?: string };
    readonly "nvram-template"?: { readonly filename: string; readonly format?: string };
  };
  readonly targets: readonly { readonly architecture: string; readonly machines: readonly string[] }[];
  readonly features: readonly string[];
}

export interface FirmwareFiles {
  /** Paths within the toolbox's /usr. */
  readonly code: string;
  readonly codeFormat: string;
  readonly template: string;
  readonly templateFormat: string;
}

export interface FirmwareWish {
  readonly board: Board;
  readonly secureBoot: boolean;
  /** Whether Microsoft's keys must be enrolled in the variables, or must not. */
  readonly enrolledKeys: boolean;
}

/** Where descriptors are, strongest first: a file hides one of the same name in a later directory. */
const DIRECTORIES = ["etc/qemu/firmware", "usr/share/qemu/firmware"];

/**
 * The first firmware in the toolbox that fits.
 * @throws {Failure} when there is none
 */
export async function findFirmware(toolbox: Toolbox, wish: FirmwareWish): Promise<FirmwareFiles> {
  const root = toolboxRoot(toolbox);
  const descriptors = await readDescriptors(root);
  const found = descriptors.map((descriptor) => matchFirmware(descriptor, wish)).find((files) => files !== undefined);
  if (found !== undefined) return found;
  const kind = `UEFI firmware for ${wish.board.qemu}${wish.secureBoot ? " with secure boot" : ""}`;
  throw new Failure(
    `no ${kind}${wish.enrolledKeys ? " and Microsoft's keys" : ""} found in ${join(root, "usr/share/qemu/firmware")}`,
    {
      remedy:
        "install OVMF (Debian: ovmf, Fedora: edk2-ovmf, openSUSE: qemu-ovmf-x86_64), use ToolsTree=default, or boot with Firmware=linux",
    },
  );
}

/** The files of a firmware when it is what is wished for. */
export function matchFirmware(descriptor: FirmwareDescriptor, wish: FirmwareWish): FirmwareFiles | undefined {
  const { mapping, features } = descriptor;
  const { executable, "nvram-template": template } = mapping;
  const fits =
    descriptor["interface-types"].includes("uefi") &&
    descriptor.targets.some(
      (target) =>
        target.architecture === wish.board.qemu &&
        target.machines.some((pattern) => pattern.includes(wish.board.machine)),
    ) &&
    features.includes("secure-boot") === wish.secureBoot &&
    features.includes("enrolled-keys") === wish.enrolledKeys;
  if (!fits || executable === undefined || template === undefined) return undefined;
  return {
    code: executable.filename,
    codeFormat: executable.format ?? "raw",
    template: template.filename,
    templateFormat: template.format ?? "raw",
  };
}

async function readDescriptors(root: string): Promise<FirmwareDescriptor[]> {
  const files = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    const path = join(root, directory);
    for (const name of await readdir(path).catch(() => [])) {
      if (name.endsWith(".json") && !files.has(name)) files.set(name, join(path, name));
    }
  }
  const sorted = [...files].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return await Promise.all(sorted.map(([, path]) => readDescriptor(path)));
}

async function readDescriptor(path: string): Promise<FirmwareDescriptor> {
  const text = await readFile(path, "utf8");
  try {
    // An empty file of the same name in /etc stands for "none", as the specification has it.
    return text.trim() === ""
      ? { "interface-types": [], mapping: {}, targets: [], features: [] }
      : (JSON.parse(text) as FirmwareDescriptor);
  } catch (cause) {
    throw new Failure(`the firmware descriptor ${path} is not JSON`, {
      remedy: "reinstall the firmware's package",
      cause,
    });
  }
}
