// Markdown for a terminal: headings at the margin, everything else indented below them, wrapped to the width.

import type { Style } from "../report/style.ts";
import { blocksOf, runsOf, type Token, type Tokens } from "./markdown.ts";
import { tableLines } from "./terminal-table.ts";
import { wrapRuns } from "./wrap.ts";

/** Text below a heading is indented by as much. */
const BODY = 4;
const MIN_WIDTH = 20;

/** The text as it is shown in a terminal of `width` columns. */
export function terminalText(markdown: string, width: number, style: Style): string {
  const lines: string[] = [];
  for (const token of blocksOf(markdown)) {
    if (token.type === "heading") lines.push(...headingLines(token as Tokens.Heading, width, style));
    else lines.push(...indent(blockLines(token, Math.max(MIN_WIDTH, width - BODY), style), BODY), "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function headingLines({ depth, tokens }: Tokens.Heading, width: number, style: Style): string[] {
  const margin = Math.min(BODY, (depth - 1) * 2);
  const runs = runsOf(tokens).map(({ text }) => ({
    kind: "strong" as const,
    text: depth === 1 ? text.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : text,
  }));
  return [...indent(wrapRuns(runs, width - margin, style), margin), ...(depth === 1 ? [""] : [])];
}

function blockLines(token: Token, width: number, style: Style): string[] {
  switch (token.type) {
    case "code":
      return codeLines(token as Tokens.Code, style);
    case "list":
      return listLines(token as Tokens.List, width, style);
    case "table":
      return tableLines(token as Tokens.Table, width, style);
    case "blockquote":
      return blocksLines((token as Tokens.Blockquote).tokens, width - 2, style).map((line) => `│ ${line}`.trimEnd());
    case "hr":
      return ["─".repeat(width)];
    case "heading":
      return wrapRuns(runsOf((token as Tokens.Heading).tokens, "strong"), width, style);
    default:
      return wrapRuns(runsOf("tokens" in token ? token.tokens : [token]), width, style);
  }
}

function blocksLines(tokens: readonly Token[], width: number, style: Style): string[] {
  const blocks = tokens.filter((token) => token.type !== "space" && token.type !== "html");
  return blocks.flatMap((token, index) => [
    ...(index > 0 && token.type !== "list" ? [""] : []),
    ...blockLines(token, width, style),
  ]);
}

/** A title that names the file stands above the code. */
function codeLines({ text, lang }: Tokens.Code, style: Style): string[] {
  const title = /title=(\S+)/.exec(lang ?? "")?.[1];
  const code = text.split("\n").map((line) => (line === "" ? "" : `    ${style("code", line)}`));
  return title === undefined ? code : [`${style("strong", title)}:`, ...code];
}

function listLines({ items, ordered, start, loose }: Tokens.List, width: number, style: Style): string[] {
  return items.flatMap((item, index) => {
    const mark = ordered ? `${Number(start) + index}. ` : "• ";
    const room = Math.max(MIN_WIDTH, width - mark.length);
    const lines = blocksLines(item.tokens, room, style);
    const gap = loose && index > 0 ? [""] : [];
    return [
      ...gap,
      ...lines.map((line, row) => (line === "" ? "" : (row === 0 ? mark : " ".repeat(mark.length)) + line)),
    ];
  });
}

function indent(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(by) + line));
}
