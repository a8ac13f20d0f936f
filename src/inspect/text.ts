// What `mkosi inspect` shows on a terminal.

import { formatBytes } from "../report/quantity.ts";
import type { Style } from "../report/style.ts";
import { cut, tableLines } from "../report/table.ts";
import { visible } from "../report/visible.ts";
import type { Contents, EfiProgram, Partition } from "./contents.ts";
import { largestDirectories, largestFiles, type Sized, totalSize } from "./sizes.ts";
import { kindText, pcrText, systemName } from "./words.ts";

export interface TextOptions {
  readonly style: Style;
  /** Columns of the terminal; undefined: there is none. */
  readonly width: number | undefined;
}

/** How many of the largest are shown. */
const LARGEST = 10;

export function contentsText(contents: Contents, options: TextOptions): string {
  const { partitions, packages, entries, efi } = contents;
  return [
    headLines(contents, options),
    partitionLines(partitions, options),
    efi.flatMap((program) => efiLines(program, options)),
    packages.length === 0
      ? []
      : sizeLines(
          `${packages.length} packages, ${formatBytes(totalSize(packages))}; the largest:`,
          packages
            .map(({ name, version, size }) => ({ path: `${name} ${version}`, size }))
            .toSorted((a, b) => b.size - a.size)
            .slice(0, LARGEST),
          options,
        ),
    sizeLines("The largest directories:", largestDirectories(entries, LARGEST), options),
    sizeLines("The largest files:", largestFiles(entries, LARGEST), options),
    unitLines(contents.units, options),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headLines(contents: Contents, { style, width }: TextOptions): readonly string[] {
  const { path, size, release, entries, sectorSize } = contents;
  const files = entries.filter(({ type }) => type === "file").length;
  const system = [systemName(contents), ...version(release)].filter(Boolean);
  const facts = [
    kindText(contents),
    formatBytes(size),
    ...(sectorSize === undefined || sectorSize === 512 ? [] : [`sectors of ${sectorSize} bytes`]),
    ...(entries.length === 0 ? [] : [`${files} files in ${formatBytes(totalSize(entries))}`]),
  ];
  return [
    style("strong", cut(visible(path), width)),
    cut(`  ${facts.join(", ")}`, width),
    ...(system.length === 0 ? [] : [cut(visible(`  ${system.join(", ")}`), width)]),
  ];
}

function version(release: Contents["release"]): readonly string[] {
  const [id, number] = [release["IMAGE_ID"], release["IMAGE_VERSION"]];
  return id === undefined ? [] : [`image ${id}${number === undefined ? "" : ` version ${number}`}`];
}

function partitionLines(partitions: readonly Partition[], { style, width }: TextOptions): readonly string[] {
  const table = partitions.filter(({ number }) => number > 0);
  if (table.length === 0) return [];
  const rows = table.map(({ number, type, size, fileSystem, mountPoint, label }) => [
    String(number),
    type,
    formatBytes(size),
    fileSystem?.type ?? "",
    fileSystem?.used === undefined ? "" : `${Math.round((100 * fileSystem.used) / (fileSystem.size ?? size))} % full`,
    mountPoint ?? "",
    label,
  ]);
  const right = { align: "right" } as const;
  return [style("strong", "Partitions"), ...tableLines(rows, { columns: [right, {}, right, {}, right], width })];
}

function efiLines(program: EfiProgram, { style, width }: TextOptions): readonly string[] {
  const { path, kind, size, initrd } = program;
  const line = (name: string, value: string | undefined) =>
    value === undefined || value === "" ? [] : [cut(`  ${`${name}:`.padEnd(15)} ${visible(value)}`, width)];
  const names = { uki: "unified kernel image", addon: "addon", kernel: "EFI program", other: "EFI program" };
  return [
    style("strong", cut(visible(path), width)),
    cut(`  ${names[kind]}, ${formatBytes(size)}`, width),
    ...line("kernel", program.kernelVersion),
    ...line("system", program.system),
    ...line("command line", program.commandLine),
    ...line(
      "initrd",
      initrd === undefined
        ? undefined
        : `${initrd.files} entries, ${formatBytes(initrd.size)} unpacked${initrd.compression === undefined ? "" : `, ${initrd.compression}`}`,
    ),
    ...line("profiles", program.profiles.join(", ")),
    ...line("PCR signatures", pcrText(program)),
    ...line("signed by", program.signers.join("; ") || undefined),
  ];
}

function sizeLines(title: string, sized: readonly Sized[], { style, width }: TextOptions): readonly string[] {
  if (sized.length === 0) return [];
  const rows = sized.map(({ path, size }) => [formatBytes(size), path]);
  return [style("strong", title), ...tableLines(rows, { columns: [{ align: "right" }], width })];
}

function unitLines(units: Contents["units"], { style, width }: TextOptions): readonly string[] {
  if (units.default === undefined && units.enabled.length === 0) return [];
  const target = units.default === undefined ? "" : `, starting ${units.default}`;
  return [style("strong", `${units.enabled.length} units enabled${target}`), ...wrap(units.enabled, width ?? 80)];
}

function wrap(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words.map(visible)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.map((line) => cut(line, width));
}
