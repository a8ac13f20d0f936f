// The tables of the manual that follow from the settings table: conditions, specifiers, picked-up files, what images
// share, short options, former names.

import { rows, type Setting } from "../settings/index.ts";
import type { Scope } from "../settings/setting.ts";
import { factsOf } from "./facts.ts";

export interface ManualTable {
  readonly chapter: string;
  /** The table stands between `<!-- marker -->` and `<!-- /marker -->`. */
  readonly marker: string;
  text(): string;
}

export const MANUAL_TABLES: readonly ManualTable[] = [
  { chapter: "match", marker: "conditions", text: conditions },
  { chapter: "specifiers", marker: "specifiers", text: specifiers },
  { chapter: "files", marker: "pickup", text: pickups },
  { chapter: "options", marker: "letters", text: letters },
  { chapter: "configuration", marker: "former-names", text: formerNames },
  ...(["multiversal", "universal", "inherit", "initrd-inherit", "initrd", "tools", "main"] as const).map((scope) => ({
    chapter: "images",
    marker: `scope-${scope}`,
    text: () => scopeText(scope),
  })),
  { chapter: "images", marker: "tools-settings", text: () => links((row) => row.tools === true) },
];

function link(row: Setting): string {
  return `[${row.name}=](../settings/${row.name}.md)`;
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...body.map(line)].join("\n");
}

function fact(row: Setting, about: string): string {
  return (
    factsOf(row)
      .find(([name]) => name === about)?.[1]
      .replaceAll("|", "\\|") ?? ""
  );
}

function select(wanted: (row: Setting) => boolean): Setting[] {
  return rows.map(([, row]) => row).filter(wanted);
}

function links(wanted: (row: Setting) => boolean): string {
  return `${select(wanted).map(link).join(", ")}.`;
}

function scopeText(scope: Scope): string {
  return links((row) => row.scope === scope && row.into === undefined);
}

function conditions(): string {
  return table(
    ["Condition", "What it takes", "Compared with while unset"],
    select((row) => row.match !== undefined).map((row) => [
      `\`${row.name}=\``,
      fact(row, "Condition").replace(/^.* in \[Match\] (takes )?/, ""),
      fact(row, "Default")
        .replace("computed, as told below", `the [default](../settings/${row.name}.md)`)
        .replace("none", "nothing: does not hold"),
    ]),
  );
}

function specifiers(): string {
  return table(
    ["Specifier", "Value of"],
    select((row) => row.specifier !== undefined).map((row) => [`\`%${row.specifier}\``, link(row)]),
  );
}

function pickups(): string {
  const body = select((row) => row.pickup !== undefined || row.pickupEach !== undefined).flatMap((row) =>
    [...(row.pickup ?? []), ...(row.pickupEach ?? [])].map((name) => [
      name,
      link(row),
      row.pickupText === true ? "its text, or its output when it is executable" : "its path",
    ]),
  );
  const names = [...new Set(body.map(([name = ""]) => name))].sort();
  return table(
    ["File or directory", "Setting", "What is taken"],
    names.map((name) => {
      const same = body.filter(([other]) => other === name);
      return [`\`${name}\``, same.map(([, setting]) => setting ?? "").join(", "), same[0]?.[2] ?? ""];
    }),
  );
}

function letters(): string {
  return table(
    ["Letter", "Stands for", "Setting"],
    select((row) => row.short !== undefined).map((row) => [
      `\`-${row.short}\``,
      `\`--${row.option}=${row.shortMeans ?? row.type.metavar.replaceAll("|", "\\|")}\``,
      link(row),
    ]),
  );
}

function formerNames(): string {
  return table(
    ["Former name", "Present name"],
    select((row) => row.oldNames !== undefined || row.oldOptions !== undefined).flatMap((row) => [
      ...(row.oldNames ?? []).map((name) => [`\`${name}=\``, link(row)]),
      ...(row.oldOptions ?? []).map((option) => [`\`--${option}\``, `\`--${row.option}\``]),
    ]),
  );
}
