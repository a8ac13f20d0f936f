// Tables of text for a terminal: columns as wide as what is in them, the last one cut where the line ends.

import { visible } from "./visible.ts";
import { columnsOf, cutTo } from "./width.ts";

export interface Column {
  /** Numbers are read from their ends. */
  readonly align?: "right";
}

/** @param width columns of the terminal; undefined: nothing is cut @returns its lines, without blanks at their ends */
export function tableLines(
  rows: readonly (readonly string[])[],
  {
    columns = [],
    width,
    indent = "  ",
  }: { columns?: readonly Column[]; width?: number | undefined; indent?: string } = {},
): readonly string[] {
  const cells = rows.map((row) => row.map(visible));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    Math.max(...cells.map((row) => columnsOf(row[index] ?? ""))),
  );
  return cells.map((row) => {
    const line = row
      .map((cell, index) => {
        const padding = " ".repeat((widths[index] ?? 0) - columnsOf(cell));
        return columns[index]?.align === "right" ? padding + cell : cell + padding;
      })
      .join("  ");
    return cut(`${indent}${line}`.trimEnd(), width);
  });
}

/** Shortens a line without colours to the width of the terminal; undefined: there is none. */
export function cut(line: string, width: number | undefined): string {
  if (width === undefined || columnsOf(line) <= width) return line;
  return `${cutTo(line, Math.max(1, width - 1))}…`;
}
