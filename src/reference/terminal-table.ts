// Tables for a terminal: columns as wide as their texts need, the widest ones narrower when the terminal asks for it.

import type { Style } from "../report/style.ts";
import { type Run, runsOf, type Tokens } from "./markdown.ts";
import { widthOf, wrapRuns } from "./wrap.ts";

const GAP = 2;
const NARROWEST = 8;

/** Lines of a table at most `width` columns wide; the head is bold, with a rule below it. */
export function tableLines({ header, rows }: Tokens.Table, width: number, style: Style): string[] {
  const head = header.map((cell) => runsOf(cell.tokens, "strong"));
  const body = rows.map((row) => row.map((cell) => runsOf(cell.tokens)));
  const widths = columnWidths([head, ...body], width);
  const total = widths.reduce((sum, each) => sum + each + GAP, -GAP);
  const headLines = head.some((cell) => cell.length > 0)
    ? [...rowLines(head, widths, style), style("label", "─".repeat(total))]
    : [];
  return [...headLines, ...body.flatMap((row) => rowLines(row, widths, style))];
}

function columnWidths(rows: readonly (readonly Run[][])[], width: number): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 1, widthOf(cell.map((run) => run.text).join("")));
    });
  }
  let excess = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
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
