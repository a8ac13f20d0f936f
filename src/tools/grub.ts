// GRUB's programs: grub-mkimage(1) joins its modules to one program, grub-bios-setup(8) puts it where a BIOS starts it.

import { basename, dirname, join } from "node:path";
import { BIOS_BOOT_TYPE, BIOS_TARGET, biosGrub, grubDirectory } from "../facts/grub.ts";
import { Failure } from "../report/failure.ts";
import { bind, bindReadOnly } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import type { ImageContext } from "./context.ts";
import { fileInside } from "./inside.ts";
import { hasTool, runTool } from "./tool.ts";

type Program = "mkimage" | "bios-setup";

/** What a menu needs, and what somebody would miss who edits it or sits at the prompt. */
const MODULES = [
  ...["normal", "configfile", "search", "search_fs_file", "part_gpt", "fat", "linux"],
  ...["test", "true", "echo", "read", "sleep", "reboot", "halt", "loadenv"],
  ...["ls", "cat", "cmp", "tr", "div", "help"],
];

export interface GrubImage {
  /** GRUB's name of it: `i386-pc`, `x86_64-efi`. */
  readonly target: string;
  /** The directory with the target's modules, in our own mount namespace. */
  readonly modules: string;
  readonly more: readonly string[];
  /** A file with the .sbat section, for programs that shim starts. */
  readonly sbat?: string | undefined;
  /** Whether it insists on shim where Secure Boot is on. */
  readonly shimLock: boolean;
  /** File to make; its directory must be there. */
  readonly output: string;
}

/** Makes a program of GRUB that reads its configuration from the EFI system partition. @throws {Failure} {CommandFailure} */
export async function grubMkimage(context: ImageContext, image: GrubImage): Promise<void> {
  const prefix = `/${grubDirectory(context.image.config.distribution)}`;
  const efi = image.target !== BIOS_TARGET;
  const early = `search --no-floppy --set=root --file ${prefix}/grub.cfg\nset prefix=($root)${prefix}\n`;
  const x86 = /^(?:i386|x86_64)-/.test(image.target);
  const argv = [
    requireGrub(context, "mkimage", image.target),
    ...["--directory=/grub", "--config=/early.cfg", `--prefix=${prefix}`, `--format=${image.target}`],
    ...(image.sbat === undefined ? [] : ["--sbat=/sbat"]),
    ...(efi && !image.shimLock ? ["--disable-shim-lock"] : []),
    `--output=${join("/output", basename(image.output))}`,
    ...[...MODULES, ...(x86 ? ["keylayouts"] : []), ...image.more],
  ];
  await runTool(context, {
    argv,
    mounts: [
      bindReadOnly(image.modules, "/grub"),
      bind(dirname(image.output), "/output"),
      { type: "file", content: early, target: "/early.cfg" },
      ...(image.sbat === undefined ? [] : [bindReadOnly(image.sbat, "/sbat")]),
    ],
  });
}

/** Whether the tree has GRUB for a BIOS, and its disk is to get it. */
export function hasBiosGrub(root: string, config: Config): boolean {
  return wantsBiosGrub(config) && fileInside(root, join(biosGrub(config.distribution), "core.img")) !== undefined;
}

/** Whether the image is one that a BIOS is to start. */
export function wantsBiosGrub({ biosBootloader, bootable, format, overlay }: Config): boolean {
  return biosBootloader === "grub" && bootable !== "disabled" && format === "disk" && !overlay;
}

/** Whether partitions have what GRUB needs on a disk for a BIOS. */
export function hasBiosPartitions(partitions: readonly { readonly type: string }[]): boolean {
  const types = partitions.map(({ type }) => type);
  return types.includes(BIOS_BOOT_TYPE) && types.includes("esp") && types.some((type) => /^(?:root|usr)\b/.test(type));
}

/**
 * Embeds GRUB into a disk image: `boot.img` into its first sector, `core.img` into its BIOS boot partition.
 * @param directory with these two files
 * @throws {Failure} {CommandFailure}
 */
export async function grubBiosSetup(context: ImageContext, directory: string, image: string): Promise<void> {
  const disk = join("/work", basename(image));
  // It opens the device that its directory is on, for the case that there were no BIOS boot partition. It learns from
  // mountinfo which one that is; this one says that it is the image itself.
  const mountinfo = `1 0 1:1 / / rw - vfat ${disk} rw\n`;
  const script = 'mount --bind /mountinfo "/proc/$$/mountinfo"; exec "$@"';
  await runTool(context, {
    argv: ["sh", "-ec", script, "sh", requireGrub(context, "bios-setup", BIOS_TARGET), "--directory=/grub", disk],
    mounts: [
      bind(directory, "/grub"),
      bind(dirname(image), "/work"),
      { type: "file", content: mountinfo, target: "/mountinfo" },
    ],
  });
}

/** What the program is called. Debian's grub-pc-bin has bios-setup out of the way of the machine's own boot loader. */
function grubNames(program: Program): readonly string[] {
  return [`grub-${program}`, `grub2-${program}`, `/usr/lib/grub/${BIOS_TARGET}/grub-${program}`];
}

/** The programs that installing an image's GRUB takes, each with its other names behind `|`. */
export function grubPrograms(config: Config): readonly string[] {
  const bios = wantsBiosGrub(config);
  const efi = config.bootloader === "grub" && config.bootable !== "disabled";
  const programs: readonly Program[] = [
    ...(bios || efi ? (["mkimage"] as const) : []),
    ...(bios ? (["bios-setup"] as const) : []),
  ];
  return programs.map((program) => grubNames(program).join("|"));
}

/** The program's name or path in the sandbox; undefined where the toolbox has none. */
function grubProgram({ toolbox }: Pick<ImageContext, "toolbox">, program: Program): string | undefined {
  return grubNames(program).find((each) => hasTool(toolbox, each));
}

function requireGrub(context: ImageContext, program: Program, target: string): string {
  const found = grubProgram(context, program);
  if (found !== undefined) return found;
  const tree = context.toolbox.kind === "tree";
  throw new Failure(
    `grub-${program} is not in ${tree ? `the tools tree ${context.toolbox.root}` : "this machine"}, and it is needed to install GRUB (${target})`,
    {
      origin: context.image.origin(target === BIOS_TARGET ? "biosBootloader" : "bootloader"),
      remedy: tree
        ? "add its package to the tools tree (ToolsTreePackages=, on Debian grub-common and grub-pc-bin)"
        : "install it (on Debian grub-common and grub-pc-bin, on Fedora grub2-tools), or set ToolsTree=default",
    },
  );
}
