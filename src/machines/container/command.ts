// The command line of systemd-nspawn for a container that is described completely.

import { journalArguments } from "../journal.ts";

/** A directory or file of the host that the container sees. */
export interface Bind {
  readonly source: string;
  /** Inside. */
  readonly target: string;
  /** Whether its owner appears as root, and root in the container writes as that owner. */
  readonly ownerIsRoot: boolean;
}

export interface ContainerSpec {
  /** systemd-nspawn: a name or a path. */
  readonly program: string;
  /** Its major version. */
  readonly version: number;
  readonly action: "boot" | "shell";
  readonly name: string;
  readonly root: { readonly kind: "directory" | "disk"; readonly path: string };
  readonly network: "user" | "interface" | "none";
  readonly register: boolean;
  /** Whether systemd is asked for a scope unit. */
  readonly scope: boolean;
  /** Whether a .nspawn file is beside the root. */
  readonly settings: boolean;
  /** Files with the credentials, by their names. */
  readonly credentials: ReadonlyMap<string, string>;
  readonly binds: readonly Bind[];
  /** The user of the host who exists inside, too. */
  readonly user: string | undefined;
  /** Where the journal is forwarded to. */
  readonly journal: string | undefined;
  /** The limits of core dumps, `SOFT:HARD`. */
  readonly coreLimit: string;
  /** What the init system gets as if it were the kernel's command line. */
  readonly kernelOptions: readonly string[];
  /** What the user has written after the verb. */
  readonly args: readonly string[];
}

/** The first version that tells with each start that it will restrict address families one day. */
const ADDRESS_FAMILIES_NOTE = 262;

/** The arguments, the program first. */
export function nspawnCommand(spec: ContainerSpec): string[] {
  return [
    ...[spec.program, "--quiet", "--link-journal=no", "--suppress-sync=yes"],
    ...networkArguments(spec.network),
    ...(spec.settings ? ["--settings=trusted"] : []),
    // Nothing is denied, which is what it does anyway; a .nspawn file may say otherwise.
    ...(spec.version >= ADDRESS_FAMILIES_NOTE && !spec.settings ? ["--restrict-address-families=~"] : []),
    ...(spec.action === "boot" ? ["--boot"] : [`--rlimit=RLIMIT_CORE=${spec.coreLimit}`, "--console=autopipe"]),
    `--machine=${spec.name}`,
    `--register=${spec.register ? "yes" : "no"}`,
    ...(spec.scope ? [] : ["--keep-unit"]),
    ...[...spec.credentials].map(([name, path]) => `--load-credential=${name}:${path}`),
    spec.root.kind === "disk" ? `--image=${spec.root.path}` : `--directory=${spec.root.path}`,
    ...spec.binds.map(bindArgument),
    ...(spec.user === undefined ? [] : [`--bind-user=${spec.user}`, "--bind-user-group=wheel"]),
    ...(spec.journal === undefined || spec.action === "shell" ? [] : journalArguments(spec.journal)),
    ...(spec.action === "boot" ? bootArguments(spec) : shellArguments(spec.args)),
  ];
}

function networkArguments(network: ContainerSpec["network"]): string[] {
  if (network === "user") return ["--resolv-conf=auto"];
  return ["--private-network", ...(network === "interface" ? ["--network-veth"] : [])];
}

/** Without what is mounted below: the output directory may be there, and the container's own root in it. */
function bindArgument({ source, target, ownerIsRoot }: Bind): string {
  return `--bind=${escapeColons(source)}:${escapeColons(target)}:norbind,${ownerIsRoot ? "rootidmap" : "noidmap"}`;
}

function escapeColons(path: string): string {
  return path.replaceAll("\\", "\\\\").replaceAll(":", "\\:");
}

/**
 * As a kernel does: an option with a value is a variable of the init system, unless there is a dot in its name; all
 * others are its arguments. The user's come first, as systemd-nspawn takes no options after the first argument.
 */
function bootArguments({ kernelOptions, args }: ContainerSpec): string[] {
  const isVariable = (option: string) => /^[^.=]+=/.test(option);
  const variables = kernelOptions.filter(isVariable).map((option) => {
    const [name = "", ...value] = option.split("=");
    return `--setenv=${name.replaceAll("-", "_")}=${value.join("=")}`;
  });
  return [...variables, ...args, ...kernelOptions.filter((option) => !isVariable(option))];
}

/** No command begins with a dash: what does is an option for systemd-nspawn. */
function shellArguments(args: readonly string[]): string[] {
  const first = args.findIndex((word) => !word.startsWith("-") || word === "--");
  const options = first < 0 ? args : args.slice(0, first);
  const command = first < 0 ? [] : args.slice(args[first] === "--" ? first + 1 : first);
  return [...options, ...(command.length === 0 ? [] : ["--", ...command])];
}
