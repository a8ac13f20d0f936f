// What the table knows of a setting, as rows of Markdown: the facts block of its page in docs/settings/.

import { type Config, rows, type SettingKey, settings } from "../settings/index.ts";
import type { Matcher, Scope, Setting } from "../settings/setting.ts";
import type { Separators } from "../settings/types/value.ts";
import { WITHOUT } from "../settings/unsupported.ts";

/** A row of the block: what it is about, and Markdown. */
export type Fact = readonly [about: string, text: string];

const SCOPES: Readonly<Record<Scope, string>> = {
  local: "each image has its own",
  inherit: "other images start with the main image's value and may change it; the tools tree has its own",
  universal: "set in the main image, sub-images and the default initrd have the same; the tools tree has its own",
  multiversal: "set in the main image, all other images and the tools tree have the same",
  "initrd-inherit": "each image has its own; the default initrd starts with the main image's value",
  initrd: "set in the main image, for the default initrd",
  tools: "set in the main image, for the default tools tree",
  main: "the main image only",
};

const MATCHERS: Readonly<Record<Matcher, string>> = {
  equal: "holds when the texts are equal",
  word: "takes one of its values",
  pattern: "takes a glob pattern",
  version: "compares versions: `==`, `!=`, `<`, `<=`, `>`, `>=`",
  feature: "takes yes, no or auto",
  element: "takes one element of the list",
  entry: "takes `NAME` or `NAME=VALUE`",
  architecture: "takes an architecture, or `uefi` for all that have UEFI",
  "build-sources": "takes the target of one of the directories",
};

const SEPARATORS: Readonly<Record<Separators, string>> = {
  commas: "separated by commas or white space",
  blanks: "separated by white space",
  lines: "one a line",
  quoted: "separated by white space; quotes keep white space",
};

/** All facts of a setting, the most asked for first. */
export function factsOf(row: Setting): Fact[] {
  return [
    ["Section", `[${row.section}]`],
    ["Takes", takes(row)],
    ["Default", row.into === undefined ? defaultText(row) : "none"],
    ["Option", optionText(row)],
    [
      "Images",
      row.tools === true ? `${SCOPES[row.scope]}; it may be set in the tools tree's own files, too` : SCOPES[row.scope],
    ],
    ...present("Picked up", pickupText(row)),
    ...present("Specifier", row.specifier === undefined ? undefined : `\`%${row.specifier}\``),
    ...present("Condition", row.match === undefined ? undefined : `\`${row.name}=\` in [Match] ${MATCHERS[row.match]}`),
    ...present("Values go to", row.into === undefined ? undefined : linkTo(row.into as SettingKey)),
    ...present("Former names", formerNames(row)),
    ...present("In this version", restriction(row)),
  ];
}

function present(about: string, text: string | undefined): Fact[] {
  return text === undefined ? [] : [[about, text]];
}

function takes({ type }: Setting): string {
  const { separators } = type;
  return separators === undefined ? type.label : `${type.label}, ${SEPARATORS[separators]}`;
}

function defaultText({ type, default: standard }: Setting): string {
  if (typeof standard === "function") return "computed, as told below";
  const value = standard === undefined ? type.unset : standard;
  if (value === null) return "none";
  const text = type.print(value);
  return text === "" ? "none" : `\`${text.replaceAll("\n", " ")}\``;
}

function optionText(row: Setting): string {
  const { metavar } = row.type;
  const long = `\`--${row.option}=${metavar}\``;
  const bare = row.bareMeans === undefined ? "" : ` (\`--${row.option}\` alone: \`${row.bareMeans}\`)`;
  if (row.short === undefined) return long + bare;
  if (row.shortMeans === undefined) return `${long}, \`-${row.short} ${metavar}\`${bare}`;
  return `${long}${bare}; \`-${row.short}\` stands for \`${row.shortMeans}\``;
}

function pickupText(row: Setting): string | undefined {
  const names = [...(row.pickup ?? []), ...(row.pickupEach ?? [])];
  if (names.length === 0) return undefined;
  const files = names.map((name) => `\`${name}\``).join(", ");
  const text = row.pickupText === true ? " (its text is the value, or what it prints when it is executable)" : "";
  return files + text;
}

function formerNames(row: Setting): string | undefined {
  const names = [
    ...(row.oldNames ?? []).map((name) => `\`${name}=\``),
    ...(row.oldOptions ?? []).map((option) => `\`--${option}\``),
  ];
  return names.length === 0 ? undefined : names.join(", ");
}

/** What builds of this version refuse. */
function restriction(row: Setting): string | undefined {
  const key = rows.find(([, other]) => other === row)?.[0] as keyof Config | undefined;
  if (key === undefined) return undefined;
  if (WITHOUT.includes(key)) return "a build that sets it is refused: its effect is yet to come";
  return undefined;
}

function linkTo(key: SettingKey): string {
  const { name } = settings[key] as Setting;
  return `[${name}=](${name}.md)`;
}

/** The block between the markers, as a Markdown table. */
export function factsBlock(row: Setting): string {
  const lines = factsOf(row).map(([about, text]) => `| ${about} | ${text.replaceAll("|", "\\|")} |`);
  return ["| | |", "|---|---|", ...lines].join("\n");
}

const MARKERS = /<!-- facts -->[^]*?<!-- \/facts -->/;

/** A setting's page with its facts block up to date; without markers they are put after the title. */
export function withFacts(page: string, row: Setting): string {
  const block = `<!-- facts -->\n${factsBlock(row)}\n<!-- /facts -->`;
  if (MARKERS.test(page)) return page.replace(MARKERS, () => block);
  return page.replace(/^(# .*)\n*/, (_all, title: string) => `${title}\n\n${block}\n\n`);
}

/** docs/settings/README.md: all settings by section, each with its one sentence. */
export function settingsIndex(): string {
  const sections = [...new Set(rows.map(([, row]) => row.section))];
  const lines = [
    "# Settings",
    "",
    "All settings by the section of `mkosi.conf` that they stand in. Each can be given on the command line, too. How",
    "files are read is told in [configuration](../manual/configuration.md). This list is made by",
    "`scripts/settings-facts.ts`.",
  ];
  for (const section of sections) {
    lines.push("", `## [${section}]`, "", "| Setting | |", "|---|---|");
    for (const [, row] of rows)
      if (row.section === section)
        lines.push(`| [${row.name}=](${row.name}.md) | ${row.help.replaceAll("|", "\\|")} |`);
  }
  return `${lines.join("\n")}\n`;
}
