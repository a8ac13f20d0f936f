// Markdown as a manual page: the man(7) macros with tbl(1) tables, as groff and mandoc read them.

import { columnWidths } from "./columns.ts";
import { blocksOf, type Run, runsOf, type Token, type Tokens } from "./markdown.ts";

const FONTS = { plain: "", strong: "\\fB", emphasis: "\\fI", code: "\\fB" } as const;

/** The body of a manual page: headings of the first level are sections, of the second subsections. */
export function roffText(markdown: string): string {
  const lines = blocksOf(markdown).flatMap(blockRoff);
  // A heading begins a paragraph by itself.
  return lines.filter((line, index) => line !== ".PP" || !/^\.S[HS] /.test(lines[index - 1] ?? "")).join("\n");
}

function blockRoff(token: Token): string[] {
  switch (token.type) {
    case "heading": {
      const { depth, tokens } = token as Tokens.Heading;
      if (depth > 2) return [".PP", inlineRoff(runsOf(tokens, "strong"))];
      return [`${depth === 1 ? ".SH" : ".SS"} "${argument(runsOf(tokens), depth === 1)}"`];
    }
    case "code":
      return codeRoff(token as Tokens.Code);
    case "list":
      return listRoff(token as Tokens.List);
    case "table":
      return tableRoff(token as Tokens.Table);
    case "blockquote":
      return [".RS 4", ...blocksRoff((token as Tokens.Blockquote).tokens), ".RE"];
    case "space":
    case "html":
    case "hr":
      return [];
    default:
      return [".PP", inlineRoff(runsOf("tokens" in token ? token.tokens : [token]))];
  }
}

function blocksRoff(tokens: readonly Token[]): string[] {
  return tokens.flatMap(blockRoff);
}

function codeRoff({ text, lang }: Tokens.Code): string[] {
  const title = /title=(\S+)/.exec(lang ?? "")?.[1];
  const head = title === undefined ? [] : [".PP", `\\fB${escape(title)}\\fR:`];
  return [
    ...head,
    ".PP",
    ".RS 4",
    ".nf",
    ...text.split("\n").map((line) => escapeLine(escape(line, true))),
    ".fi",
    ".RE",
  ];
}

function listRoff({ items, ordered, start }: Tokens.List): string[] {
  return items.flatMap((item, index) => {
    const mark = ordered ? `"${Number(start) + index}." 4` : "\\(bu 2";
    const [first, ...others] = item.tokens.filter((token) => token.type !== "space" && token.type !== "html");
    const head = first === undefined ? [] : blockRoff(first).filter((line, row) => row > 0 || line !== ".PP");
    const rest = others.length === 0 ? [] : [".RS", ...blocksRoff(others), ".RE"];
    return [`.IP ${mark}`, ...head, ...rest];
  });
}

/** Columns that a manual page has room for. */
const WIDTH = 68;

/** Two columns are a list of terms, more a table with columns of a fixed width. */
function tableRoff(table: Tokens.Table): string[] {
  const { header, rows } = table;
  if (header.length === 2) {
    return rows.flatMap(([term, text]) => [".TP", roffCell(term, "strong"), roffCell(text)]);
  }
  const widths = columnWidths(table, WIDTH);
  const columns = widths.map((width) => `lw(${width}n)`).join(" ");
  const line = (cells: readonly Tokens.TableCell[], kind?: "strong"): string =>
    cells.map((cell) => `T{\n${roffCell(cell, kind)}\nT}`).join("\t");
  return [".PP", ".TS", `${columns}.`, line(header, "strong"), ...rows.map((row) => line(row)), ".TE"];
}

function roffCell(cell: Tokens.TableCell | undefined, kind?: "strong"): string {
  return inlineRoff(runsOf(cell?.tokens, kind)) || "\\&";
}

/** One line of text; line breaks are requests. */
function inlineRoff(runs: readonly Run[]): string {
  const parts = runs.map(({ kind, text }) => {
    if (text === "\n") return "\n.br\n";
    const escaped = escape(text, kind === "code");
    return FONTS[kind] === "" ? escaped : `${FONTS[kind]}${escaped}\\fR`;
  });
  return parts
    .join("")
    .split("\n")
    .map((line) => (line === ".br" ? line : escapeLine(line.trim())))
    .join("\n");
}

function argument(runs: readonly Run[], upper: boolean): string {
  const text = runs.map((run) => run.text).join("");
  return escape(upper ? text.toUpperCase() : text).replaceAll('"', "\\(dq");
}

const SPECIAL: Readonly<Record<string, string>> = { "\\": "\\e", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga" };

/** Characters that roff would take for something else. In code, quotes and dashes are those of ASCII. */
function escape(text: string, code = false): string {
  return text.replace(/[\\^~`'\t-]|[^\x00-\x7f]/gu, (char) => {
    if (char === "-") return code || text.startsWith("-") ? "\\-" : "-";
    if (char === "'") return code ? "\\(aq" : "'";
    if (char === "\t") return "    ";
    return SPECIAL[char] ?? `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

/** A dot or a quote at the start of a line would be a request. */
function escapeLine(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
