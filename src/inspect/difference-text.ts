// What `mkosi diff` shows on a terminal.

import { formatBytes } from "../report/quantity.ts";
import type { Style } from "../report/style.ts";
import { cut } from "../report/table.ts";
import { visible } from "../report/visible.ts";
import type { Entry, Partition } from "./contents.ts";
import type { Change, Difference, Differences } from "./difference.ts";
import type { TextOptions } from "./text.ts";

/** As many files of each kind as one may want to read; --json has all. */
const MOST = 50;

export function differenceText(difference: Difference, options: TextOptions): string {
  const { packages, files, partitions, efi, units, release } = difference;
  const sections = [
    section("System", options, [
      ...release.map(({ field, from = "(unset)", to = "(unset)" }) =>
        changed(options.style, `${field}: ${from} → ${to}`),
      ),
    ]),
    section("Partitions", options, listed(partitions, options, partitionText, partitionChange)),
    section(
      "EFI programs",
      options,
      listed(efi, options, ({ path, size }) => `${path}, ${formatBytes(size)}`, efiChange),
    ),
    section(
      countsTitle("Packages", packages),
      options,
      listed(
        packages,
        options,
        ({ name, version }) => `${name} ${version}`,
        ({ from, to }) => [`${from.name} ${from.version} → ${to.version}${sizeChange(from.size, to.size)}`],
      ),
    ),
    section("Units that start with the system", options, [
      ...units.removed.map((unit) => options.style("error", `- ${unit}`)),
      ...units.added.map((unit) => options.style("done", `+ ${unit}`)),
    ]),
    section(countsTitle("Files", files), options, listed(files, options, entryText, fileChange)),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function section(title: string, { style, width }: TextOptions, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  return [
    style("strong", title),
    ...lines.map((line) => cut(`  ${line}`, width === undefined ? undefined : width + hidden(line))),
  ].join("\n");
}

/** What colours take in a line without being seen. */
function hidden(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return line.length - line.replace(/\u001b\[[0-9;]*m/g, "").length;
}

function countsTitle(title: string, { added, removed, changed: both }: Differences<unknown>): string {
  return `${title}: ${added.length} added, ${removed.length} removed, ${both.length} changed`;
}

function changed(style: Style, text: string): string {
  return `${style("warning", "~")} ${visible(text)}`;
}

function listed<T>(
  { added, removed, changed: both }: Differences<T>,
  { style }: TextOptions,
  text: (each: T) => string,
  changes: (change: Change<T>) => readonly string[],
): readonly string[] {
  return [
    ...some(removed, (each) => [style("error", `- ${visible(text(each))}`)]),
    ...some(added, (each) => [style("done", `+ ${visible(text(each))}`)]),
    ...some(both, (each) =>
      changes(each).map((line, index) => (index === 0 ? changed(style, line) : `    ${visible(line)}`)),
    ),
  ];
}

function some<T>(all: readonly T[], lines: (each: T) => readonly string[]): readonly string[] {
  const rest = all.length - MOST;
  return [...all.slice(0, MOST).flatMap(lines), ...(rest > 0 ? [`… and ${rest} more (--json has all)`] : [])];
}

function sizeChange(from: number, to: number): string {
  if (from === to) return "";
  return ` (${to > from ? "+" : "−"}${formatBytes(Math.abs(to - from))})`;
}

function partitionText({ type, size, fileSystem }: Partition): string {
  return [type, formatBytes(size), ...(fileSystem === undefined ? [] : [fileSystem.type])].join(", ");
}

function partitionChange({ from, to, what }: Change<Partition>): readonly string[] {
  const details: Readonly<Record<string, string>> = {
    size: `size ${formatBytes(from.size)} → ${formatBytes(to.size)}`,
    label: `label ${from.label} → ${to.label}`,
    uuid: `UUID ${from.uuid} → ${to.uuid}`,
    "file system": `${from.fileSystem?.type ?? "nothing"} → ${to.fileSystem?.type ?? "nothing"}`,
  };
  return [`${to.type}: ${what.map((name) => details[name] ?? name).join(", ")}`];
}

function efiChange({ from, to, what }: Change<Difference["efi"]["added"][number]>): readonly string[] {
  const details: Readonly<Record<string, string>> = {
    path: `was ${from.path}`,
    size: `size ${formatBytes(from.size)} → ${formatBytes(to.size)}`,
    "kernel version": `kernel ${from.kernelVersion ?? "none"} → ${to.kernelVersion ?? "none"}`,
    "command line": `command line ${from.commandLine ?? ""} → ${to.commandLine ?? ""}`,
    signers: `signed by ${from.signers.join("; ") || "nobody"} → ${to.signers.join("; ") || "nobody"}`,
  };
  return [to.path, ...what.map((name) => details[name] ?? `another ${name}`)];
}

function entryText({ path, type, size }: Entry): string {
  return type === "file" ? `${path} (${formatBytes(size)})` : type === "directory" ? `${path}/` : `${path} (${type})`;
}

function fileChange({ from, to, what }: Change<Entry>): readonly string[] {
  const octal = (mode: number) => mode.toString(8).padStart(4, "0");
  const details: Readonly<Record<string, string>> = {
    type: `${from.type} → ${to.type}`,
    content: `content${sizeChange(from.size, to.size)}`,
    target: `${from.target ?? ""} → ${to.target ?? ""}`,
    mode: `mode ${octal(from.mode)} → ${octal(to.mode)}`,
    owner: `owner ${from.uid}:${from.gid} → ${to.uid}:${to.gid}`,
  };
  return [`${to.path}: ${what.map((name) => details[name] ?? name).join(", ")}`];
}
