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

interface Line {
  /** `-` only in the older one, `+` only in the newer one, `~` in both; undefined: more about the line above. */
  readonly sign?: "-" | "+" | "~";
  readonly text: string;
}

export function differenceText(difference: Difference, options: TextOptions): string {
  const { packages, files, partitions, efi, units, release } = difference;
  const sections = [
    section(
      "System",
      options,
      release.map(({ field, from = "(unset)", to = "(unset)" }) => ({ sign: "~", text: `${field}: ${from} → ${to}` })),
    ),
    section("Partitions", options, listed(partitions, partitionText, partitionChange)),
    section(
      "EFI programs",
      options,
      listed(efi, ({ path, size }) => `${path}, ${formatBytes(size)}`, efiChange),
    ),
    section(
      countsTitle("Packages", packages),
      options,
      listed(
        packages,
        ({ name, version }) => `${name} ${version}`,
        ({ from, to }) => [`${from.name} ${from.version} → ${to.version}${sizeChange(from.size, to.size)}`],
      ),
    ),
    section("Units that start with the system", options, [
      ...units.removed.map((text) => ({ sign: "-", text }) as const),
      ...units.added.map((text) => ({ sign: "+", text }) as const),
    ]),
    section(countsTitle("Files", files), options, listed(files, entryText, fileChange)),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function section(title: string, { style, width }: TextOptions, lines: readonly Line[]): string {
  if (lines.length === 0) return "";
  return [style("strong", title), ...lines.map((line) => lineText(line, style, width))].join("\n");
}

/** Colours come last, so that none is cut off. */
function lineText({ sign, text }: Line, style: Style, width: number | undefined): string {
  const line = cut(visible(sign === undefined ? text : `${sign} ${text}`), width === undefined ? undefined : width - 2);
  if (sign === "-") return `  ${style("error", line)}`;
  if (sign === "+") return `  ${style("done", line)}`;
  return sign === "~" ? `  ${style("warning", "~")}${line.slice(1)}` : `  ${line}`;
}

function countsTitle(title: string, { added, removed, changed }: Differences<unknown>): string {
  return `${title}: ${added.length} added, ${removed.length} removed, ${changed.length} changed`;
}

function listed<T>(
  { added, removed, changed }: Differences<T>,
  text: (each: T) => string,
  changes: (change: Change<T>) => readonly string[],
): readonly Line[] {
  return [
    ...some(removed, (each) => [{ sign: "-", text: text(each) }]),
    ...some(added, (each) => [{ sign: "+", text: text(each) }]),
    ...some(changed, (each) => {
      const [first = "", ...more] = changes(each);
      return [{ sign: "~", text: first }, ...more.map((line) => ({ text: `    ${line}` }))];
    }),
  ];
}

function some<T>(all: readonly T[], lines: (each: T) => readonly Line[]): readonly Line[] {
  const rest = all.length - MOST;
  return [...all.slice(0, MOST).flatMap(lines), ...(rest > 0 ? [{ text: `… and ${rest} more (--json has all)` }] : [])];
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
