// From an image's configuration to a machine that can be started: everything but the accelerator, with the helpers
// running. What does not depend on each other is prepared at the same time.

import { readdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readGpt } from "../formats/gpt.ts";
import { Failure } from "../report/failure.ts";
import { callerIds } from "../sandbox/namespace.ts";
import { bind, bindReadOnly, type Mount } from "../sandbox/spec.ts";
import type { Board } from "./architecture.ts";
import type { Boot } from "./boot.ts";
import { terminalSize } from "./console.ts";
import { INITRD_INSIDE, inside, KERNEL_INSIDE, type MachineContext } from "./context.ts";
import { type Credentials, collectCredentials, commandLineCredentials, writeSmbiosStrings } from "./credentials.ts";
import { prepareDisk } from "./disk.ts";
import { prepareDrives } from "./drives.ts";
import { prepareFirmware } from "./firmware-variables.ts";
import { displayAccess } from "./gui.ts";
import { forwardJournal } from "./journal.ts";
import { extraCommandLine, rootOption } from "./kernel-command-line.ts";
import type { DirectKernel, MachineSpec } from "./machine.ts";
import type { GuestNotifications } from "./notify.ts";
import type { SshProxy } from "./record.ts";
import { fstabLines, openRootTree, shareDirectories } from "./shared.ts";
import { startTpm, wantsTpm } from "./tpm.ts";
import { openVsock } from "./vsock.ts";

export interface PreparedMachine extends AsyncDisposable {
  readonly spec: Omit<MachineSpec, "accelerator" | "program">;
  readonly mounts: readonly Mount[];
  readonly devices: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly notifications: GuestNotifications | undefined;
  /** How ssh gets to it; undefined: there is no way. */
  readonly proxy: SshProxy | undefined;
  /** To be called when QEMU has opened its files: temporary ones lose their names. */
  opened(): Promise<void>;
}

/** Prepares one start of a machine. @throws {Failure} when something that it needs is missing */
export async function prepareMachine(context: MachineContext, board: Board, boot: Boot): Promise<PreparedMachine> {
  const { config } = context.image;
  const uefi = boot.firmware !== "none";
  checkNetwork(context);
  const options = await machineOptions(context, boot);
  const tree = config.format === "directory" ? openRootTree(context) : undefined;
  const opening = openVsock(context);
  const [firmware, disk, drives, root, shares, vsock, journal, tpm, credentials] = await all([
    uefi ? prepareFirmware(context, board, boot.firmware === "uefi-secure-boot") : undefined,
    config.format === "disk" || config.format === "esp" ? prepareDisk(context) : undefined,
    prepareDrives(context),
    tree,
    tree?.then(({ path }) => shareDirectories(context, path)) ?? shareDirectories(context, undefined),
    opening,
    opening.then((vsock) => forwardJournal(context, vsock)),
    wantsTpm(context, board, uefi) ? startTpm(context) : undefined,
    collectCredentials(context),
  ]);
  if (journal !== undefined) credentials.set("journal.forward_to_socket", Buffer.from(journal.address));
  const fstab = fstabLines(shares);
  if (fstab !== "")
    credentials.set("fstab.extra", Buffer.concat([endedByNewline(credentials.get("fstab.extra")), Buffer.from(fstab)]));
  if (vsock !== undefined) credentials.set("vmm.notify_socket", Buffer.from(vsock.notifyAddress));
  const smbios = board.smbios || uefi;
  const display = config.console === "gui" ? displayAccess(context.environment) : undefined;
  const { ports = [] } = context;
  const extraArguments = [...config.qemuArgs, ...context.args];
  return {
    spec: {
      board,
      name: `mkosi-${(config.machine ?? config.output).replaceAll("_", "-")}`,
      cpus: config.cpus === 0 || config.cpus === null ? availableParallelism() : config.cpus,
      ram: config.ram,
      maxMem: config.maxMem,
      cxl: config.cxl,
      firmware,
      kernel: directKernel(config.kernelCommandLine, boot, options, smbios ? new Map() : credentials),
      disk: disk?.disk,
      drives: drives.drives,
      smbiosStrings: smbios ? await smbiosStrings(context, boot, options, credentials) : [],
      sharedDirectories: shares,
      vsock: vsock?.device,
      tpm,
      network: config.runtimeNetwork,
      console: consoleOf(config.console),
      ports: ports.map(({ name }, index) => ({ name, file: portInside(index) })),
      qmpSocket: inside("qmp"),
      extra: extraArguments,
    },
    mounts: [
      ...(extraArguments.length === 0 ? [] : await hostDirectories()),
      ...(display?.mounts ?? []),
      ...(disk?.mounts ?? []),
      ...drives.mounts,
      ...ports.map(({ file }, index) => bind(file, portInside(index))),
      ...(boot.kernel === undefined ? [] : [bindReadOnly(boot.kernel.path, KERNEL_INSIDE)]),
      ...(boot.initrd === undefined ? [] : [bindReadOnly(boot.initrd, INITRD_INSIDE)]),
    ],
    devices: [
      ...(vsock?.devices ?? []),
      ...(display?.devices ?? []),
      ...(config.runtimeNetwork === "interface" ? ["/dev/net/tun"] : []),
      ...(extraArguments.length === 0 ? [] : ["/dev"]),
    ],
    env: display?.env ?? {},
    notifications: vsock?.notifications,
    proxy: vsock?.proxy,
    async opened() {
      await Promise.all([disk?.opened(), drives.remove()]);
    },
    async [Symbol.asyncDispose]() {
      await journal?.[Symbol.asyncDispose]();
      await Promise.all([
        disk?.[Symbol.asyncDispose](),
        drives.remove(),
        vsock?.[Symbol.asyncDispose](),
        root?.[Symbol.asyncDispose](),
      ]);
    },
  };
}

/**
 * Like Promise.all, but it waits for the end of all before it fails, and disposes of what the others have made, so that
 * nothing is left and nothing is started after the clean-up.
 */
async function all<const Work extends readonly unknown[]>(
  work: Work,
): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    for (const result of results) if (result.status === "fulfilled") await dispose(result.value);
    throw failed.reason;
  }
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}

async function dispose(made: unknown): Promise<void> {
  if (typeof made !== "object" || made === null) return;
  if (Symbol.asyncDispose in made) await (made as AsyncDisposable)[Symbol.asyncDispose]();
  else if ("remove" in made && typeof made.remove === "function") await made.remove();
}

function portInside(index: number): string {
  return `/machine/port-${index}`;
}

function checkNetwork({ image }: MachineContext): void {
  if (image.config.runtimeNetwork !== "interface" || callerIds().uid === 0) return;
  throw new Failure("RuntimeNetwork=interface makes a network interface on this host, which takes root", {
    origin: image.origin("runtimeNetwork"),
    remedy: "run mkosi as root, or set RuntimeNetwork=user",
  });
}

/** Kernel options that this start adds to the image's own. */
export async function machineOptions(context: MachineContext, boot: Boot): Promise<string[]> {
  const { config } = context.image;
  const extra = extraCommandLine(config, terminalSize(context.terminal, context.environment["TERM"]));
  if (
    boot.kernel === undefined ||
    boot.kernel.uki ||
    config.kernelCommandLineExtra.some((option) => option.startsWith("root="))
  )
    return extra;
  if (config.format === "directory") return ["root=root", "rootfstype=virtiofs", ...extra];
  if (config.format !== "disk") return extra;
  const gpt = await readGpt(context.files.image);
  const root = gpt === undefined ? undefined : rootOption(gpt, config.architecture);
  if (root !== undefined) return [root, ...extra];
  throw new Failure(
    `${context.files.image} has neither a root nor a /usr partition for ${config.architecture}, and a kernel that is booted directly needs one`,
    {
      remedy: "name it yourself: KernelCommandLineExtra=root=…, or boot with Firmware=uefi",
    },
  );
}

function directKernel(
  imageOptions: readonly string[],
  boot: Boot,
  options: readonly string[],
  credentials: Credentials,
): DirectKernel | undefined {
  if (boot.kernel === undefined) return undefined;
  return {
    path: KERNEL_INSIDE,
    initrd: boot.initrd === undefined ? undefined : INITRD_INSIDE,
    commandLine: boot.kernel.uki
      ? undefined
      : [...imageOptions, ...options, ...commandLineCredentials(credentials)].join(" "),
  };
}

async function smbiosStrings(
  context: MachineContext,
  boot: Boot,
  options: readonly string[],
  credentials: Credentials,
): Promise<string[]> {
  const files = await writeSmbiosStrings(context, credentials);
  if (boot.kernel !== undefined && !boot.kernel.uki) return files;
  const { config } = context.image;
  // A distribution's own UKI cannot have the image's command line inside.
  const stub = config.bootloader === "uki-signed" ? [...config.kernelCommandLine, ...options] : options;
  const strings = {
    stub: `io.systemd.stub.kernel-cmdline-extra=${stub.join(" ")}`,
    boot: `io.systemd.boot.kernel-cmdline-extra=${options.join(" ")}`,
  };
  for (const [name, text] of Object.entries(strings)) {
    await writeFile(join(context.directory, `smbios-${name}`), text);
    files.push(inside(`smbios-${name}`));
  }
  return files;
}

function consoleOf(console: MachineContext["image"]["config"]["console"]): MachineSpec["console"] {
  if (console === "gui") return { kind: "gui" };
  if (console === "headless") return { kind: "none" };
  return { kind: "socket", path: inside("console"), mux: console === "native" };
}

function endedByNewline(text: Buffer | undefined): Buffer {
  if (text === undefined || text.length === 0) return Buffer.alloc(0);
  return text.at(-1) === 0x0a ? text : Buffer.concat([text, Buffer.from("\n")]);
}

/** Arguments for QEMU may name any file of the host. */
async function hostDirectories(): Promise<Mount[]> {
  const toolbox = /^(usr|bin|sbin|lib\w*|etc|proc|dev|sys|run|machine)$/;
  const entries = await readdir("/", { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !toolbox.test(entry.name))
    .map((entry) => bind(`/${entry.name}`));
}
