// The table of a bench run, for the terminal and for docs/performance.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../test/support/mkosi.ts";
import type { Measurement } from "./programs.ts";
import { describeMachine } from "./surroundings.ts";

export interface Result {
  readonly name: string;
  readonly what: string;
  readonly runs: number;
  readonly ours: Measurement;
  readonly peer: Measurement;
  /** Seconds of Node's start, for cases whose point is the start. */
  readonly node: number | undefined;
}

/** A Markdown table; ratios below 1 mean that ours is faster or smaller. */
export function formatTable(results: readonly Result[]): string {
  const rows = [
    ["case", "runs", "ours s", "peer s", "ours/peer", "over Node s", "ours MiB", "peer MiB", "ours/peer"],
    ...results.map(({ what, runs, ours, peer, node }) => [
      what,
      String(runs),
      seconds(ours.seconds),
      seconds(peer.seconds),
      `**${(ours.seconds / peer.seconds).toFixed(2)}**`,
      node === undefined ? "" : (ours.seconds - node).toFixed(3),
      mebibytes(ours.bytes),
      mebibytes(peer.bytes),
      `**${(ours.bytes / peer.bytes).toFixed(2)}**`,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = line(widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  const [head = [], ...body] = rows.map(line);
  return [head, rule, ...body].join("\n");
}

/** Puts the table, the date and the machine between the markers of docs/performance.md. Returns its path. */
export function writePage(results: readonly Result[]): string {
  const path = join(CHECKOUT, "docs/performance.md");
  const [begin, end] = ["<!-- bench: begin -->", "<!-- bench: end -->"];
  const page = readFileSync(path, "utf8");
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has lost its markers ${begin} and ${end}`);
  const date = new Date().toISOString().slice(0, 10);
  const text = `Measured on ${date}: ${describeMachine()}.\n\n${formatTable(results)}`;
  writeFileSync(path, `${before}${begin}\n${text}\n${end}${after}`);
  return path;
}

function seconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
