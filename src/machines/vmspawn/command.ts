// The command line of systemd-vmspawn for a machine that is described completely.

import type { Config } from "../../settings/index.ts";
import type { Boot } from "../boot.ts";
import { journalArguments } from "../journal.ts";
import type { DiskType } from "../machine.ts";

/** All paths are the host's. */
export interface VmspawnSpec {
  /** systemd-vmspawn: a name or a path. */
  readonly program: string;
  readonly name: string;
  /** Undefined for a kernel that brings everything along. */
  readonly root: { readonly kind: "directory" | "disk"; readonly path: string } | undefined;
  readonly ephemeral: boolean;
  readonly diskType: DiskType;
  /** Bytes that the disk is grown to. */
  readonly size: number | null;
  readonly cpus: number;
  /** Bytes. */
  readonly ram: number;
  readonly maxMem: number | null;
  readonly kvm: Config["kvm"];
  readonly tpm: Config["tpm"];
  readonly vsock: Config["vsock"];
  /** Undefined: any. */
  readonly cid: number | undefined;
  readonly boot: Boot;
  /** Whether Microsoft's keys are to be in the firmware's variables. */
  readonly enrolledKeys: boolean;
  /** Firmware variables to start from; undefined: those that belong to the firmware. */
  readonly variables: string | undefined;
  readonly network: Config["runtimeNetwork"];
  readonly console: Config["console"];
  readonly register: Config["register"];
  /** The systemd that is asked for a scope unit. */
  readonly manager: "system" | "user";
  /** Files with the credentials, by their names. */
  readonly credentials: ReadonlyMap<string, string>;
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  /** The user of the host who exists inside, too. */
  readonly user: string | undefined;
  readonly journal: string | null;
  readonly kernelOptions: readonly string[];
  /** What the user has written after the verb. */
  readonly args: readonly string[];
}

/** The arguments, the program first. */
export function vmspawnCommand(spec: VmspawnSpec): string[] {
  return [
    ...[spec.program, "--quiet", `--machine=${spec.name}`],
    ...rootArguments(spec),
    `--cpus=${spec.cpus}`,
    `--ram=${spec.ram}${spec.maxMem === null ? "" : `:${spec.maxMem}`}`,
    `--kvm=${booleanOf(spec.kvm)}`,
    `--vsock=${booleanOf(spec.vsock)}`,
    ...(spec.cid === undefined ? [] : [`--vsock-cid=${spec.cid}`]),
    // Nothing of a run stays beside the image.
    ...[`--tpm=${booleanOf(spec.tpm)}`, "--tpm-state=off"],
    ...firmwareArguments(spec),
    ...networkArguments(spec.network),
    `--console=${spec.console}`,
    `--register=${booleanOf(spec.register)}`,
    `--${spec.manager}`,
    // Who may log in is said by a credential.
    "--pass-ssh-key=no",
    ...[...spec.credentials].map(([name, path]) => `--load-credential=${name}:${path}`),
    ...spec.binds.map(({ source, target }) => `--bind=${escapeColons(source)}:${escapeColons(target)}`),
    ...(spec.user === undefined ? [] : [`--bind-user=${spec.user}`, "--bind-user-group=wheel"]),
    ...(spec.journal === null ? [] : journalArguments(spec.journal)),
    // It takes no options after the first argument.
    ...[...spec.args, ...spec.kernelOptions],
  ];
}

function rootArguments({ root, ephemeral, diskType, size }: VmspawnSpec): string[] {
  if (root === undefined) return [];
  if (root.kind === "directory") return [`--directory=${root.path}`];
  return [
    ...[`--image=${root.path}`, `--image-disk-type=${diskType}`],
    ...(ephemeral ? ["--ephemeral"] : []),
    ...(size === null ? [] : [`--grow-image=${size}`]),
  ];
}

function firmwareArguments({ boot, enrolledKeys, variables }: VmspawnSpec): string[] {
  const kernel = [
    ...(boot.kernel === undefined ? [] : [`--linux=${boot.kernel.path}`]),
    ...(boot.initrd === undefined ? [] : [`--initrd=${boot.initrd}`]),
  ];
  if (boot.firmware === "none") return [`--firmware=${boot.kernel === undefined ? "bios" : "none"}`, ...kernel];
  const features = [
    boot.firmware === "uefi-secure-boot" ? "secure-boot" : "~secure-boot",
    ...(enrolledKeys ? ["enrolled-keys"] : []),
  ];
  return [
    ...["--firmware=uefi", `--firmware-features=${features.join(",")}`, "--efi-nvram-state=off"],
    ...(variables === undefined ? [] : [`--efi-nvram-template=${variables}`]),
    ...kernel,
  ];
}

function networkArguments(network: VmspawnSpec["network"]): string[] {
  if (network === "user") return ["--network-user-mode"];
  return network === "interface" ? ["--network-tap"] : [];
}

function booleanOf(feature: Config["kvm"]): string {
  return feature === "auto" ? "auto" : feature === "enabled" ? "yes" : "no";
}

function escapeColons(path: string): string {
  return path.replaceAll("\\", "\\\\").replaceAll(":", "\\:");
}
