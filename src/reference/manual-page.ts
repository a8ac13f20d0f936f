// Whole manual pages in roff: the head that man(1) expects, then the text.

import { VERSION } from "../facts/version.ts";
import { roffText } from "./roff.ts";

/** A manual page of section 1. `date` is what stands in its foot, as YYYY-MM-DD. */
export function manualPage(title: string, markdown: string, date: string): string {
  const head = [
    "'\\\" t",
    `.TH ${title.replaceAll(/[^A-Za-z0-9.-]/g, "").toUpperCase()} 1 ${date} "mkosi ${VERSION}" "mkosi"`,
    ".nh",
    ".ad l",
  ];
  return `${[...head, roffText(markdown)].join("\n")}\n`;
}

/** What mkosi(1) begins with: its name and a synopsis from the verbs. */
export function manualHead(verbs: readonly { readonly name: string; readonly operands?: string }[]): string {
  const lines = verbs.map(
    ({ name, operands }) => `mkosi [OPTIONS…] ${name}${operands === undefined ? "" : ` ${operands}`}`,
  );
  return [
    "# Name",
    "",
    "mkosi - make operating-system images from a distribution's packages, and run them",
    "",
    "# Synopsis",
    "",
    "```",
    ...lines,
    "```",
    "",
  ].join("\n");
}
