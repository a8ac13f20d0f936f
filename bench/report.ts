// The table of a bench run, for the terminal and for docs/performance.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../test/support/mkosi.ts";
import { CASES } from "./cases.ts";
import type { Measurement } from "./programs.ts";
import { describeMachine } from "./surroundings.ts";

export interface Result {
  readonly name: string;
  readonly what: string;
  readonly runs: number;
  readonly ours: Measurement;
  readonly peer: Measurement;
  /** Seconds over the start of Node or QEMU alone, best run against best run, for cases whose point is the start. */
  readonly overBare: number | undefined;
  readonly peerOverBare: number | undefined;
}

const HEAD = [
  "case",
  "runs",
  "ours s",
  "peer s",
  "ours/peer",
  "over bare s",
  "peer over bare s",
  "ours MiB",
  "peer MiB",
  "ours/peer",
  "on",
];

/** A Markdown table; ratios below 1 mean that ours is faster or smaller. */
export function formatTable(results: readonly Result[]): string {
  return markdown(results.map(cells));
}

function cells({ what, runs, ours, peer, overBare, peerOverBare }: Result): string[] {
  return [
    what,
    String(runs),
    seconds(ours.seconds),
    seconds(peer.seconds),
    `**${(ours.seconds / peer.seconds).toFixed(2)}**`,
    overBare?.toFixed(3) ?? "",
    peerOverBare?.toFixed(3) ?? "",
    mebibytes(ours.bytes),
    mebibytes(peer.bytes),
    `**${(ours.bytes / peer.bytes).toFixed(2)}**`,
    new Date().toISOString().slice(0, 10),
  ];
}

function markdown(body: readonly (readonly string[])[]): string {
  const rows = [HEAD, ...body];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = line(widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  const [head = "", ...lines] = rows.map(line);
  return [head, rule, ...lines].join("\n");
}

/**
 * Puts the table and the machine between the markers of docs/performance.md, where the rows of cases that were not
 * measured this time stay. Returns its path.
 */
export function writePage(results: readonly Result[]): string {
  const path = join(CHECKOUT, "docs/performance.md");
  const [begin, end] = ["<!-- bench: begin -->", "<!-- bench: end -->"];
  const page = readFileSync(path, "utf8");
  const [before, rest] = page.split(begin);
  const [table, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${path} has lost its markers ${begin} and ${end}`);
  const kept = new Map(
    (table?.split("\n") ?? [])
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").slice(1, -1))
      .map((row) => row.map((cell) => cell.trim()))
      .map((row) => [row[0], row]),
  );
  for (const result of results) kept.set(result.what, cells(result));
  const body = CASES.flatMap(({ what }) => [kept.get(what) ?? []].filter(({ length }) => length > 0));
  const text = `Measured on ${describeMachine()}.\n\n${markdown(body)}`;
  writeFileSync(path, `${before}${begin}\n${text}\n${end}${after}`);
  return path;
}

function seconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
