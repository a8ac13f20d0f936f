// Tables for a terminal: columns as wide as their texts need, the widest ones narrower when the terminal asks for it.

import type { Style } from "../report/style.ts";
import { columnWidths, GAP } from "./columns.ts";
import { type Run, runsOf, type Tokens } from "./markdown.ts";
import { widthOf, wrapRuns } from "./wrap.ts";

/** Lines of a table at most `width` columns wide; the head is bold, with a rule below it. */
export function tableLines(table: Tokens.Table, width: number, style: Style): string[] {
  const { header, rows } = table;
  const head = header.map((cell) => runsOf(cell.tokens, "strong"));
  const body = rows.map((row) => row.map((cell) => runsOf(cell.tokens)));
  const widths = columnWidths(table, width);
  const total = widths.reduce((sum, each) => sum + each + GAP, -GAP);
  const headLines = head.some((cell) => cell.length > 0)
    ? [...rowLines(head, widths, style), style("label", "─".repeat(total))]
    : [];
  return [...headLines, ...body.flatMap((row) => rowLines(row, widths, style))];
}

function rowLines(cells: readonly (readonly Run[])[], widths: readonly number[], style: Style): string[] {
  const columns = cells.map((cell, index) => ({
    shown: wrapRuns(cell, widths[index] ?? 1, style),
    plain: wrapRuns(cell, widths[index] ?? 1, (_meaning, text) => text),
  }));
  const height = Math.max(...columns.map(({ shown }) => shown.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map(({ shown, plain }, column) => {
        const missing = (widths[column] ?? 0) - widthOf(plain[row] ?? "");
        return (shown[row] ?? "") + " ".repeat(Math.max(0, missing));
      })
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}
