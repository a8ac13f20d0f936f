// systemd-repart(8): makes disk images from partition definitions, without loop devices and without root.

import { basename, dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { TreeContext } from "./context.ts";
import { DEFINITIONS, explainRepart, warnOfIgnored } from "./repart-messages.ts";
import { BUILDROOT, captureBoth, requireTool, rootMount, systemdVersion, type ToolOptions } from "./tool.ts";

export interface RepartOptions {
  /** The disk image. */
  readonly image: string;
  /** `create`: a new one. `update`: adds what is missing to the one that is there. `plan`: changes nothing. */
  readonly mode: "create" | "update" | "plan";
  /** Directories with repart.d(5) definitions, the most important one first. */
  readonly definitions: readonly string[];
  /** Partition types whose partitions are made but left empty. */
  readonly defer?: readonly string[];
  /** Partition types whose definitions do not count. */
  readonly exclude?: readonly string[];
  /** What signs the root hashes of verity partitions. */
  readonly signing?: ToolOptions | undefined;
  /** Whether each partition is also written to a file of its own, beside the image. */
  readonly split?: boolean;
  /** Whether the tree gets an etc/fstab and an etc/crypttab by the definitions that ask for entries; by default it does. */
  readonly fstab?: boolean;
  /** Whether the image gets an El Torito boot catalogue; takes systemd 261, ignored with an older one. */
  readonly elTorito?: boolean;
  /** Whether the caller goes another way when it fails. */
  readonly mayFail?: boolean;
}

/** A partition as systemd-repart reports it. */
export interface RepartPartition {
  /** `esp`, `root-x86-64`, … or a UUID for types that have no name. */
  readonly type: string;
  readonly label: string;
  readonly uuid: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** The root hash of a verity partition. */
  readonly roothash?: string;
  /** The partition's own file, with `split`. */
  readonly splitPath?: string;
}

const WITH_FSTAB = 256;
const WITH_APPEND_FSTAB = 258;
const WITH_EL_TORITO = 261;
const WORK = "/work";
const PASSPHRASE = "/run/passphrase";

/** Runs systemd-repart on the image's tree. @throws {Failure} {CommandFailure} */
export async function runRepart(context: TreeContext, options: RepartOptions): Promise<readonly RepartPartition[]> {
  requireTool(context, "systemd-repart", "to make disk images");
  const { config } = context.image;
  const version = await systemdVersion(context, "systemd-repart");
  if (config.elTorito === "enabled" && options.elTorito === true && version < WITH_EL_TORITO) {
    throw new Failure(`systemd-repart ${version} makes no El Torito boot catalogues, ${WITH_EL_TORITO} is the first`, {
      origin: context.image.origin("elTorito"),
      remedy: "set ElTorito=auto, or use a tools tree with a newer systemd (ToolsTreeRelease=)",
    });
  }
  const definitions = options.definitions.map((directory, index) => bindReadOnly(directory, `${DEFINITIONS}/${index}`));
  const run = {
    argv: [
      "systemd-repart",
      ...optionList(context, options, version),
      ...(options.signing?.argv ?? []),
      ...definitions.map((_mount, index) => `--definitions=${DEFINITIONS}/${index}`),
      join(WORK, basename(options.image)),
    ],
    // Without --offline= it makes and mounts file systems on loop devices.
    devices: config.repartOffline ? (options.signing?.devices ?? []) : ["/dev"],
    mounts: [
      rootMount(context),
      bind(dirname(options.image), WORK),
      ...definitions,
      // File systems are made there before they are copied into the image.
      bind(context.scratch, "/var/tmp"),
      ...(options.signing?.mounts ?? []),
      ...(config.passphrase === null ? [] : [bindReadOnly(config.passphrase, PASSPHRASE)]),
    ],
    env: { TMPDIR: "/var/tmp" },
    mayFail: options.mayFail === true,
  };
  // Of ours nobody but we could know what is wrong.
  const own = config.repartDirectories.length > 0 && options.mode !== "plan";
  const { stdout, printed } = await captureBoth(context, run).catch((error: unknown) => {
    throw own && error instanceof CommandFailure ? explainRepart(context, error, options.definitions) : error;
  });
  if (own && options.mode === "create") warnOfIgnored(context, printed, options.definitions);
  return parsePartitions(stdout, dirname(options.image));
}

function optionList(context: TreeContext, options: RepartOptions, version: number): string[] {
  const { config } = context.image;
  const fstab = options.mode === "create" && options.fstab !== false;
  const torito = options.elTorito === true && version >= WITH_EL_TORITO;
  return [
    ...(config.passphrase === null ? [] : [`--key-file=${PASSPHRASE}`]),
    ...[
      `--offline=${config.repartOffline ? "yes" : "no"}`,
      `--empty=${options.mode === "update" ? "allow" : "create"}`,
      "--size=auto",
    ],
    ...[`--dry-run=${options.mode === "plan" ? "yes" : "no"}`, "--json=pretty", "--no-pager", `--root=${BUILDROOT}`],
    ...[`--seed=${config.seed}`, `--architecture=${config.architecture}`],
    ...(config.sectorSize === null ? [] : [`--sector-size=${config.sectorSize}`]),
    ...typeList("--defer-partitions", options.defer),
    ...typeList("--exclude-partitions", options.exclude),
    ...(options.split === true ? ["--split=yes"] : []),
    ...(fstab && version >= WITH_FSTAB ? ["--generate-fstab=/etc/fstab", "--generate-crypttab=/etc/crypttab"] : []),
    ...(fstab && version >= WITH_APPEND_FSTAB ? ["--append-fstab=auto"] : []),
    ...(torito ? ["--el-torito=yes", ...toritoIdentifiers(context)] : []),
  ];
}

function typeList(option: string, types: readonly string[] = []): string[] {
  return types.length === 0 ? [] : [`${option}=${types.join(",")}`];
}

function toritoIdentifiers(context: TreeContext): string[] {
  const { elToritoSystem, elToritoVolume, elToritoPublisher } = context.image.config;
  const identifiers = { system: elToritoSystem, volume: elToritoVolume, publisher: elToritoPublisher };
  return Object.entries(identifiers).flatMap(([name, value]) =>
    value === null ? [] : [`--el-torito-${name}=${value}`],
  );
}

interface ReportedPartition {
  readonly type: string;
  readonly label: string;
  readonly uuid: string;
  readonly offset: number;
  readonly raw_size: number;
  readonly roothash?: string | null;
  readonly split_path?: string;
}

function parsePartitions(output: string, directory: string): RepartPartition[] {
  const reported = JSON.parse(output) as readonly ReportedPartition[];
  return reported.map(({ type, label, uuid, offset, raw_size, roothash, split_path }) => ({
    type,
    label,
    uuid,
    offset,
    size: raw_size,
    // "TBD" stands for a hash of a partition that was left empty.
    ...(typeof roothash === "string" && roothash !== "TBD" ? { roothash } : {}),
    ...(split_path === undefined || split_path === "-" ? {} : { splitPath: join(directory, basename(split_path)) }),
  }));
}
