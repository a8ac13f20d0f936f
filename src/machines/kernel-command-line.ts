// The kernel command line that a machine gets beyond the image's own: its console and terminal, network names, and
// what KernelCommandLineExtra= adds.

import type { Architecture } from "../facts/architectures.ts";
import { PARTITION_TYPES } from "../facts/partition-types.ts";
import type { Gpt } from "../formats/gpt.ts";
import type { Config } from "../settings/index.ts";

/** The terminal that shows the console. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  /** `$TERM` */
  readonly term: string;
}

/** The device that the console appears as in the guest. */
const CONSOLE = "hvc0";

/** Options for a machine with this configuration, quoted as the kernel reads them. */
export function extraCommandLine(
  config: Pick<Config, "console" | "kernelCommandLineExtra" | "architecture">,
  terminal: TerminalSize,
): string[] {
  const extra = config.kernelCommandLineExtra;
  const without = (prefix: string, options: readonly string[]) =>
    extra.some((option) => option.startsWith(prefix)) ? [] : options;
  return [
    ...commonOptions(extra),
    "rw",
    // VMware's vsock transport claims the address family before virtio's can.
    "module_blacklist=vmw_vmci",
    ...terminalOptions(CONSOLE, terminal),
    // The names that QEMU's first network card and container links get; nobody else waits for an address.
    ...without("ip=", ["ip=enc0:any", "ip=enp0s1:any", "ip=enp0s2:any", "ip=host0:any", "ip=none"]),
    ...without("loglevel=", ["loglevel=4"]),
    ...consoleOptions(config, terminal),
    ...extra.map(quoteOption),
  ];
}

/** The same for a container's init system. Each option is a word of its own there, so nothing is quoted. */
export function containerOptions({ kernelCommandLineExtra: extra }: Pick<Config, "kernelCommandLineExtra">): string[] {
  return [...commonOptions(extra), ...extra];
}

/** For every guest, so that its network and its emergency mode work without further ado. */
function commonOptions(extra: readonly string[]): string[] {
  const forced = extra.some((option) => option.startsWith("SYSTEMD_SULOGIN_FORCE="));
  return ["systemd.wants=network.target", ...(forced ? [] : ["SYSTEMD_SULOGIN_FORCE=1"])];
}

function terminalOptions(device: string, { columns, rows, term }: TerminalSize): string[] {
  return [
    `systemd.tty.columns.${device}=${columns}`,
    `systemd.tty.rows.${device}=${rows}`,
    `systemd.tty.term.${device}=${term}`,
  ];
}

function consoleOptions(config: Pick<Config, "console" | "architecture">, terminal: TerminalSize): string[] {
  if (config.console === "headless") return [];
  if (config.console === "gui") return config.architecture.startsWith("arm") ? ["console=tty0"] : [];
  return [...terminalOptions("console", terminal), `console=${CONSOLE}`, `TERM=${terminal.term}`];
}

/** `a=b c` → `a="b c"`: the kernel splits at spaces outside of quotation marks. */
function quoteOption(option: string): string {
  const equals = option.indexOf("=");
  if (equals < 0 || !option.slice(equals).includes(" ")) return option;
  return `${option.slice(0, equals)}="${option.slice(equals + 1)}"`;
}

/**
 * Tells a directly booted kernel where its root is: nobody has read the partition table for it. With verity the two
 * halves of the root hash are the UUIDs of data and hash partition, as the Discoverable Partitions Specification has it.
 * @returns undefined when the disk has neither a root nor a /usr partition for the architecture
 */
export function rootOption(gpt: Gpt, architecture: Architecture): string | undefined {
  const types = PARTITION_TYPES[architecture];
  if (types === undefined) return undefined;
  const uuidOf = (type: string) => gpt.partitions.find((partition) => partition.type === type)?.uuid;
  const [root, rootVerity, usr, usrVerity] = [
    uuidOf(types.root),
    uuidOf(types.rootVerity),
    uuidOf(types.usr),
    uuidOf(types.usrVerity),
  ];
  if (root !== undefined && rootVerity !== undefined) return `roothash=${hash(root, rootVerity)}`;
  if (usr !== undefined && usrVerity !== undefined) return `usrhash=${hash(usr, usrVerity)}`;
  if (root !== undefined) return `root=PARTUUID=${root}`;
  return usr === undefined ? undefined : `mount.usr=PARTUUID=${usr}`;
}

function hash(data: string, tree: string): string {
  return `${data}${tree}`.replaceAll("-", "");
}
