// VirtualMachineMonitor=vmspawn: systemd-vmspawn runs the machine, from start to power-off.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { callerIds } from "../../sandbox/namespace.ts";
import { keepTerminalMode } from "../../sandbox/terminal-mode.ts";
import { setVariables } from "../../sandbox/with-terminal.ts";
import type { Config } from "../../settings/index.ts";
import { boardOf } from "../architecture.ts";
import { type Boot, decideBoot } from "../boot.ts";
import { boundUser } from "../bound-user.ts";
import { systemdManagesHost } from "../container/host.ts";
import { findInToolbox, type MachineContext } from "../context.ts";
import { credentialFiles } from "../credentials.ts";
import { prepareDrives } from "../drives.ts";
import { FIRMWARE_VARIABLES, prepareFirmware } from "../firmware-variables.ts";
import { displayAccess } from "../gui.ts";
import { lockImage } from "../lock-image.ts";
import type { ExtraDrive } from "../machine.ts";
import { machineOptions } from "../prepare.ts";
import { extraDrive } from "../qemu.ts";
import { recordMachine } from "../record.ts";
import { requireMachined } from "../register.ts";
import { openRootTree, type RootTree } from "../shared.ts";
import { kernelProxy } from "../ssh.ts";
import { runtimeTrees } from "../trees.ts";
import { chooseCid, kernelVsock } from "../vsock.ts";
import { type VmspawnSpec, vmspawnCommand } from "./command.ts";
import { checkVmspawnSupported } from "./supported.ts";

/** The first version with all options that are used. */
const VERSION = 261;

const SESSION_VARIABLES = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/**
 * Runs the machine to its end.
 * @returns what the guest's systemd was asked to exit with, when there is a vsock to hear it by
 * @throws {Failure} when it cannot be started; the signal's reason when it aborts
 */
export async function runVmspawn(context: MachineContext): Promise<number> {
  const { config } = context.image;
  checkVmspawnSupported(context.image);
  const program = await findVmspawn(context);
  const { uid } = callerIds();
  await requireSystemd(context);
  const register =
    requireMachined(context.image, uid, context.environment) === undefined ? "disabled" : config.register;
  const boot = await decideBoot(config, context.files, []);
  await using _lock = config.format === "uki" ? undefined : await lockImage(context);
  await using tree = config.format === "directory" ? await openRootTree(context) : undefined;
  const cid =
    kernelVsock() && config.vsock !== "disabled" ? chooseCid(config.vsockCid, context.files.image) : undefined;
  const spec = await describe(context, { program, register, boot, tree, cid });
  await using _record = await recordMachine(context, cid === undefined ? undefined : kernelProxy(context.toolbox, cid));
  const drives = await prepareDrives(context);
  try {
    return await start(context, spec, qemuArguments(config, drives.onHost));
  } finally {
    await drives.remove();
  }
}

/** It asks systemd for a unit, whatever it is told. @throws {Failure} where systemd does not manage this machine */
async function requireSystemd({ image: { origin } }: MachineContext): Promise<void> {
  if (await systemdManagesHost()) return;
  throw new Failure("systemd-vmspawn needs a machine that was booted with systemd and unified control groups", {
    origin: origin("virtualMachineMonitor"),
    remedy: "set VirtualMachineMonitor=qemu (--vmm=qemu)",
  });
}

async function findVmspawn({ runner, toolbox }: MachineContext): Promise<string> {
  const program = findInToolbox(toolbox, ["systemd-vmspawn"]);
  const remedy = "install it (Debian: systemd-container), use ToolsTree=default, or set VirtualMachineMonitor=qemu";
  if (program === undefined) throw new Failure("systemd-vmspawn is not installed", { remedy });
  const { stdout } = await runner.run({
    argv: [program, "--version"],
    base: { kind: "tools", toolbox },
    output: "capture",
  });
  const version = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
  if (version >= VERSION) return program;
  throw new Failure(`systemd-vmspawn is of version ${version}, and machines take ${VERSION} or newer`, { remedy });
}

interface Decided {
  readonly program: string;
  readonly register: Config["register"];
  readonly boot: Boot;
  readonly tree: RootTree | undefined;
  readonly cid: number | undefined;
}

async function describe(context: MachineContext, decided: Decided): Promise<VmspawnSpec> {
  const { image, files } = context;
  const { config } = image;
  const { program, register, boot, tree, cid } = decided;
  const [credentials, variables, options] = await Promise.all([
    credentialFiles(context),
    firmwareVariables(context, boot),
    machineOptions(context, boot),
  ]);
  return {
    ...{ program, register, boot, cid, credentials, variables },
    manager: callerIds().uid === 0 ? "system" : "user",
    name: (config.machine ?? config.output).replaceAll("_", "-"),
    root:
      config.format === "uki"
        ? undefined
        : { kind: tree === undefined ? "disk" : "directory", path: tree?.path ?? files.image },
    ephemeral: config.ephemeral,
    diskType: config.diskType,
    size: config.runtimeSize,
    cpus: config.cpus === 0 || config.cpus === null ? availableParallelism() : config.cpus,
    ram: config.ram,
    maxMem: config.maxMem,
    kvm: config.kvm,
    tpm: config.tpm,
    vsock: config.vsock,
    enrolledKeys: config.firmwareVariables === "microsoft" || config.firmwareVariables === "microsoft-mok",
    network: config.runtimeNetwork,
    console: config.console,
    binds: runtimeTrees(image),
    user: config.bindUser ? boundUser(context) : undefined,
    journal: config.forwardJournal,
    kernelOptions: [...(boot.kernel === undefined || boot.kernel.uki ? [] : config.kernelCommandLine), ...options],
    args: context.args,
  };
}

/** A copy with keys enrolled, where FirmwareVariables= asks for more than to find firmware. */
async function firmwareVariables(context: MachineContext, boot: Boot): Promise<string | undefined> {
  const { firmwareVariables: wish, architecture } = context.image.config;
  const board = boardOf(architecture);
  if (boot.firmware === "none" || wish === null || wish === "microsoft" || board === undefined) return undefined;
  await prepareFirmware(context, board, boot.firmware === "uefi-secure-boot");
  return join(context.directory, FIRMWARE_VARIABLES);
}

/** For the QEMU behind it. */
function qemuArguments(config: Config, drives: readonly ExtraDrive[]): string[] {
  return [
    ...drives.flatMap(({ id, path, options }) => ["-blockdev", extraDrive(id, path, options)]),
    ...config.qemuArgs,
  ];
}

async function start(context: MachineContext, spec: VmspawnSpec, qemu: readonly string[]): Promise<number> {
  const { runner, toolbox, projectDirectory, signal, environment, image } = context;
  await using _terminal = await keepTerminalMode();
  await using vmspawn = await runner.start({
    argv: vmspawnCommand(spec),
    base: { kind: "host", toolbox },
    cwd: projectDirectory,
    env: {
      ...(spec.manager === "user" ? setVariables(environment, (name) => SESSION_VARIABLES.includes(name)) : {}),
      ...(image.config.console === "gui" ? displayAccess(environment).env : {}),
      ...(qemu.length === 0 ? {} : { SYSTEMD_VMSPAWN_QEMU_EXTRA: qemu.map(quote).join(" ") }),
    },
    output: "terminal",
  });
  const status = await vmspawn.finished;
  signal.throwIfAborted();
  return status;
}

/** As one word for systemd, which reads it as a shell would. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
