// GRUB's menu on the EFI system partition, grub.cfg, with an entry for each kernel.

import { appendFile, lstat, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { grubDirectory, signedGrubDirectory } from "../facts/grub.ts";
import type { TreeContext } from "../tools/context.ts";
import { hasBiosGrub } from "../tools/grub.ts";
import { fileInside, pathInside } from "../tools/inside.ts";
import type { PartitionIdentity } from "./entry.ts";
import type { BootEntry } from "./entry-file.ts";
import { loaderKind, loaderPath, wantsEfi } from "./wanted.ts";

/** What starts GRUB, as its variable `grub_platform` has it. */
export type Platform = "efi" | "pc";

export interface MenuEntry {
  readonly title: string;
  /** Where the entry can be started. */
  readonly platforms: readonly Platform[];
  /** Commands with their arguments. */
  readonly commands: readonly (readonly string[])[];
}

/** By what the image's menu may be shown; none where the image has no GRUB. */
export function grubPlatforms(context: TreeContext): readonly Platform[] {
  const { config } = context.image;
  return [
    ...(hasEfiGrub(context) ? (["efi"] as const) : []),
    ...(hasBiosGrub(context.root, config) ? (["pc"] as const) : []),
  ];
}

/** With Bootable=auto there need not be any. */
function hasEfiGrub(context: TreeContext): boolean {
  if (loaderKind(context.image.config) !== "grub" || !wantsEfi(context)) return false;
  return fileInside(context.root, loaderPath(context)) !== undefined;
}

/** Starts a unified kernel image. @param path in the tree, below its boot/ or efi/ */
export function chainEntry(path: string): MenuEntry {
  const place = path.replace(/^(?:boot|efi)/, "");
  return { title: basename(place, ".efi"), platforms: ["efi"], commands: [["chainloader", place]] };
}

/** Starts a kernel. Nobody but the command line tells it where its root is: there is no loader that it could ask. */
export function kernelEntry(
  { title, kernel, initrds, devicetree, commandLine }: BootEntry,
  platforms: readonly Platform[],
  partitions: readonly PartitionIdentity[],
): MenuEntry {
  // GRUB puts quotation marks around what has blanks in it.
  const words = [...commandLine.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));
  const root = words.some((word) => /^(?:root|mount\.usr|roothash|usrhash)=/.test(word)) ? [] : rootOption(partitions);
  return {
    title,
    platforms,
    commands: [
      ["linux", kernel, ...root, ...words],
      ...(initrds.length === 0 ? [] : [["initrd", ...initrds]]),
      ...(devicetree === undefined ? [] : [["devicetree", devicetree]]),
    ],
  };
}

function rootOption(partitions: readonly PartitionIdentity[]): string[] {
  const uuid = (name: string) => partitions.find(({ type }) => type.startsWith(name) && !type.includes("verity"))?.uuid;
  const [root, usr] = [uuid("root"), uuid("usr")];
  if (root !== undefined) return [`root=PARTUUID=${root}`];
  return usr === undefined ? [] : [`mount.usr=PARTUUID=${usr}`];
}

/** Appends entries to the menu. The tree may bring the file along, with other settings for the menu. */
export async function writeMenu(context: TreeContext, entries: readonly MenuEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { distribution } = context.image.config;
  const path = pathInside(context.root, join("efi", grubDirectory(distribution), "grub.cfg"));
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Without a keyboard GRUB would wait in its menu for ever.
  const start = (await lstat(path).catch(() => undefined)) === undefined ? "set timeout=0\n" : "";
  await appendFile(path, start + entries.map(menuEntry).join(""), { mode: 0o600 });
  if (!grubPlatforms(context).includes("efi")) return;
  const early = pathInside(context.root, join("efi/EFI", signedGrubDirectory(distribution), "grub.cfg"));
  await mkdir(dirname(early), { recursive: true, mode: 0o700 });
  await writeFile(early, `configfile /${grubDirectory(distribution)}/grub.cfg\n`, { mode: 0o600 });
}

/** The entry as GRUB's script has it. */
export function menuEntry({ title, platforms, commands }: MenuEntry): string {
  const condition = platforms.map((name) => `"\${grub_platform}" = "${name}"`).join(" -o ");
  return [
    `if [ ${condition} ]; then`,
    `menuentry ${quote(title, true)} {`,
    ...commands.map((words) => `    ${words.map((word) => quote(word)).join(" ")}`),
    "}",
    "fi",
    "",
  ].join("\n");
}

/** GRUB's script has the quotation marks of a shell. */
function quote(word: string, always = false): string {
  if (!always && /^[\w./:,=+@%-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
