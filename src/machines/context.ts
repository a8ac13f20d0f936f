// What the parts of a machine are given, and the places in the sandboxes that they agree on.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { bind, type Mount, type Runner, type Toolbox, toolboxRoot } from "../sandbox/spec.ts";
import type { BootFiles } from "./boot.ts";
import type { Terminal } from "./console.ts";
import type { Helper } from "./helper.ts";

export interface MachineContext {
  readonly image: Image;
  readonly files: BootFiles;
  readonly runner: Runner;
  readonly toolbox: Toolbox;
  /** Whether /dev/kvm can be opened. */
  readonly kvmUsable: boolean;
  /** An empty directory of this machine, on tmpfs when there is memory for it; it is removed afterwards. */
  readonly directory: string;
  /** The project's directory: relative paths in arguments for QEMU are meant from there. */
  readonly projectDirectory: string;
  /** The user's arguments for QEMU. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where it is noted for `mkosi ssh` that the machine runs, see record.ts; undefined: nowhere. */
  readonly records: string | undefined;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  /** What is running beside QEMU; startHelper adds to it. */
  readonly helpers: Helper[];
  /** Ports that the guest writes to, as /dev/virtio-ports/NAME. */
  readonly ports?: readonly { readonly name: string /** Gets what is written; it exists. */; readonly file: string }[];
  /** Called when a machine is started, again when KVM has failed. */
  readonly onStart?: (accelerator: "kvm" | "tcg") => void;
  /** A line for the user, only while the console is not connected. */
  say(text: string): void;
  /** A line for the log, and for the user with --debug. */
  note(text: string): void;
}

/** Where the machine's directory is inside every sandbox of it. */
const INSIDE = "/run/machine";
/** Where images and kernels are put inside: fixed names, as QEMU gives commas and colons a meaning. */
export const DISK_INSIDE = "/machine/disk";
export const OVERLAY_INSIDE = "/machine/overlay";
export const KERNEL_INSIDE = "/machine/kernel";
export const INITRD_INSIDE = "/machine/initrd";
export const SHARED_INSIDE = "/machine/shared";

/** The path inside the sandboxes of a file in the machine's directory. */
export function inside(name: string): string {
  return join(INSIDE, name);
}

/** The mount that makes `inside` true. */
export function machineMount(context: MachineContext): Mount {
  return bind(context.directory, INSIDE);
}

/**
 * The first of some paths or program names that exists in the toolbox.
 * @returns a path inside the sandbox
 */
export function findInToolbox(toolbox: Toolbox, names: readonly string[]): string | undefined {
  const root = toolboxRoot(toolbox);
  const candidates = names.flatMap((name) =>
    name.startsWith("/")
      ? [name]
      : [...toolbox.searchPaths, "/usr/bin", "/usr/sbin", "/usr/local/bin"].map((directory) => join(directory, name)),
  );
  return candidates.find((path) =>
    existsSync(toolbox.searchPaths.some((directory) => path.startsWith(directory)) ? path : join(root, path)),
  );
}
