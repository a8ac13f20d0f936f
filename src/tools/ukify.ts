// ukify(1): joins a kernel, initrds and a command line with systemd-stub to one EFI program.

import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Mount } from "../sandbox/spec.ts";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { ImageContext } from "./context.ts";
import { captureTool, requireTool, runTool, type ToolOptions } from "./tool.ts";

export interface UkiParts {
  readonly stub: string;
  /** Undefined for an add-on. */
  readonly kernel: string | undefined;
  readonly kernelVersion: string;
  /** In the order in which the kernel unpacks them. */
  readonly initrds: readonly string[];
  /** CPU microcode as an initrd, for stubs that have a section for it. */
  readonly microcode?: string | undefined;
  readonly osRelease: string | undefined;
  readonly commandLine: string;
  /** What else goes into it. */
  readonly sections?: readonly UkiSection[];
  /** EFI's name of the architecture: `x64`. */
  readonly efiArchitecture: string;
  /** What signs it. */
  readonly signing?: ToolOptions;
  /** File to write the digests of PCR values to, where `signing` asks for them. */
  readonly digests?: string | undefined;
  /** File to make; its directory must be there. */
  readonly output: string;
}

/** A file that becomes a section, or some, by an option of its own. */
export interface UkiSection {
  readonly option: "--splash" | "--devicetree" | "--devicetree-auto" | "--profile" | "--join-profile";
  readonly path: string;
}

/** Makes a unified kernel image. Paths are of our own mount namespace. @throws {Failure} {CommandFailure} */
export async function runUkify(context: ImageContext, parts: UkiParts): Promise<void> {
  requireTool(context, "ukify", "to make a unified kernel image");
  const mounts: Mount[] = [];
  // Names inside must differ even where the files' own names do not.
  const input = (option: string, path: string, prefix = "") => {
    const target = `/input/${mounts.length}-${basename(path)}`;
    mounts.push(bindReadOnly(path, target));
    return [option, `${prefix}${target}`];
  };
  const commandLine = join(context.scratch, `${basename(parts.output)}.cmdline`);
  // Stubs before systemd 254 want it to end with a NUL, which an argument could not.
  if (parts.commandLine !== "") await writeFile(commandLine, `${parts.commandLine}\0`);
  const argv = [
    ...["ukify", "build", "--efi-arch", parts.efiArchitecture],
    ...(parts.kernel === undefined ? [] : ["--uname", parts.kernelVersion]),
    ...input("--stub", parts.stub),
    ...(parts.kernel === undefined ? [] : input("--linux", parts.kernel)),
    ...(parts.osRelease === undefined ? [] : input("--os-release", parts.osRelease, "@")),
    ...(parts.microcode === undefined ? [] : input("--microcode", parts.microcode)),
    ...parts.initrds.flatMap((path) => input("--initrd", path)),
    ...(parts.commandLine === "" ? [] : input("--cmdline", commandLine, "@")),
    ...(parts.sections ?? []).flatMap(({ option, path }) => input(option, path, option === "--profile" ? "@" : "")),
    ...(parts.signing?.argv ?? []),
    ...["--output", join("/output", basename(parts.output))],
  ];
  const run = {
    mounts: [...mounts, ...(parts.signing?.mounts ?? []), bind(dirname(parts.output), "/output")],
    ...(parts.signing?.devices === undefined ? {} : { devices: parts.signing.devices }),
  };
  if (parts.digests === undefined) return await runTool(context, { argv, ...run });
  await writeFile(parts.digests, await captureTool(context, { argv: [...argv, "--json=short"], ...run }));
}
