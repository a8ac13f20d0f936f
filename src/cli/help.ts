// The text of `mkosi help`, made from the tables of verbs, flags and settings.

import type { Style } from "../report/style.ts";
import { rows, type Setting } from "../settings/index.ts";
import { FLAGS, type Flag } from "./flags.ts";
import { VERBS } from "./verbs.ts";

const LEFT = 34;
const DEFAULT_WIDTH = 100;

/** All verbs and options, grouped by section, for a terminal of `width` columns; `has` knows the verbs there are. */
export function helpText(style: Style, has: (verb: string) => boolean, width: number = DEFAULT_WIDTH): string {
  const lines = [
    style("strong", "mkosi [OPTIONS…] [VERB] [ARGUMENTS…]"),
    "Builds operating system images from a distribution's packages, and runs them.",
    "",
  ];
  lines.push(style("strong", "Verbs"));
  for (const verb of VERBS) {
    const note = has(verb.name) ? "" : " (not in this version yet)";
    lines.push(...entry(`${verb.name} ${verb.operands ?? ""}`.trim(), verb.help + note, width));
  }
  lines.push("", style("strong", "Options for the command line only"));
  for (const flag of FLAGS as readonly Flag[])
    if (flag.help !== undefined) lines.push(...entry(flagSyntax(flag), flag.help, width));
  lines.push(
    "",
    ...wrap(
      "The options below can be written into mkosi.conf, too: --with-docs=no is WithDocs=no in the section that the option stands in here. Where the name is another one, it stands in parentheses.",
      width - 2,
    ),
  );
  let section: string | undefined;
  for (const [, row] of rows) {
    if (row.section !== section) {
      section = row.section;
      lines.push("", style("strong", `[${section}]`));
    }
    const name = row.name.toLowerCase() === row.option.replaceAll("-", "") ? "" : ` (${row.name}=)`;
    lines.push(...entry(optionSyntax(row), row.help + name, width));
  }
  lines.push(
    "",
    "An option may be given several times where it takes several values; an empty one (--package=) clears them.",
  );
  return lines.join("\n");
}

function flagSyntax(flag: Flag): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  return `${short}--${flag.option}${flag.metavar === undefined ? "" : `=${flag.metavar}`}`;
}

function optionSyntax(row: Setting): string {
  const short = row.short === undefined ? "    " : `-${row.short}, `;
  return `${short}--${row.option}=${row.type.metavar}`;
}

function entry(left: string, right: string, width: number): string[] {
  const wrapped = wrap(right, Math.max(30, width - LEFT - 3));
  const head = `  ${left}`;
  const indent = " ".repeat(LEFT + 2);
  if (head.length > LEFT) return [head, ...wrapped.map((line) => indent + line)];
  return wrapped.map((line, index) => (index === 0 ? head.padEnd(LEFT + 2) + line : indent + line));
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
