// How wide the columns of a table are, on a terminal and in a manual page.

import { runsOf, type Tokens } from "./markdown.ts";
import { widthOf } from "./wrap.ts";

/** Columns between two columns. */
export const GAP = 2;

/** Widths that fit into `width` together: as the texts need, or less for the widest, but never less than their longest word. */
export function columnWidths({ header, rows }: Tokens.Table, width: number): number[] {
  const columns = header.map((head, index) => {
    const texts = [head, ...rows.map((row) => row[index])].map((cell) => textOf(cell));
    const words = texts.flatMap((text) => text.split(" "));
    return { wanted: longest(texts), needed: longest(words) };
  });
  const widths = columns.map(({ wanted }) => wanted);
  let excess = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (excess > 0) {
    const room = widths.map((each, index) => (each > (columns[index]?.needed ?? 0) ? each : 0));
    const widest = Math.max(...room);
    if (widest === 0) break;
    widths[room.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
  return widths;
}

function textOf(cell: Tokens.TableCell | undefined): string {
  return runsOf(cell?.tokens)
    .map((run) => run.text)
    .join("");
}

function longest(texts: readonly string[]): number {
  return Math.max(1, ...texts.map(widthOf));
}
