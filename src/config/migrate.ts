// Rewrites a configuration file of any former dialect into today's. Comments, order and formatting stay: lines are changed
// one by one. What cannot be translated becomes a comment, and is told with its reason.

import { goneSetting, goneValue } from "../facts/gone.ts";
import { RENAMED, RENAMED_SECTIONS, SWITCHES, VALUES } from "../facts/migration.ts";
import { SYNONYMS } from "../facts/synonyms.ts";
import { rows } from "../settings/index.ts";
import { tryBoolean } from "../settings/types/boolean.ts";
import { CONDITION_SECTIONS } from "./conditions.ts";
import { type Entry, parseIni, splitLines } from "./ini.ts";
import { SECTIONS } from "./load.ts";
import { keyByName } from "./session.ts";
import { rowOf } from "./values.ts";

/** Something that a person has to look at. */
export interface MigrationNote {
  /** From 1, in the file as it was. */
  readonly line: number;
  readonly message: string;
}

export interface Migrated {
  readonly text: string;
  readonly notes: readonly MigrationNote[];
}

/** What comes of an assignment: others in its place, each NAME=VALUE, or none and the reason. */
interface Translation {
  readonly assignments: readonly string[];
  /** The setting's own value may stay as it is written, over all its lines. */
  readonly keepsValue?: boolean;
  readonly note?: string | undefined;
}

const byLowerCase = new Map(rows.map(([, row]) => [row.name.toLowerCase(), row.name]));

/** Rewrites a text; one that is in today's dialect comes out as it is. */
export function migrateText(original: string): Migrated {
  // semicolons began comments until 2022
  const text = original.replace(/^(\ufeff?[ \t]*);/gm, "$1#");
  const lines = splitLines(text);
  const notes: MigrationNote[] = [];
  const replaced = new Map<number, readonly string[]>();
  const sections = parseIni(text.replace(/^\ufeff/, ""));
  const hashed = sections.some(({ items }) =>
    items.some(
      (item) => item.kind === "entry" && item.key === "PasswordIsHashed" && tryBoolean(valueOf(item)) === true,
    ),
  );
  for (const section of sections) {
    const isCondition = CONDITION_SECTIONS.has(section.name);
    let current: string | undefined;
    for (const item of section.items) {
      if (item.kind !== "entry") continue;
      const translation = isCondition ? translateCondition(item) : translate(item, hashed);
      if (translation.note !== undefined) notes.push({ line: item.line, message: `${item.key}=: ${translation.note}` });
      const { first, last } = extentOf(item);
      const old = lines.slice(first, last + 1);
      if (translation.assignments.length === 0) {
        replaced.set(
          first,
          old.map((line) => `# ${line}`),
        );
        clear(replaced, first, last);
        continue;
      }
      const result: string[] = [];
      for (const [index, assignment] of translation.assignments.entries()) {
        const name = assignment.slice(0, assignment.indexOf("="));
        const target = isCondition ? section.name : sectionOf(name, section.name);
        const body = index === 0 && translation.keepsValue === true ? renameIn(old, item.key, name) : [assignment];
        if (current === undefined) {
          const header = section.line - 1;
          if (target !== section.name) replaced.set(header, [(lines[header] ?? "").replace(/\[.*?\]/, `[${target}]`)]);
        } else if (current !== target) result.push("", `[${target}]`);
        current = target;
        result.push(...body);
      }
      // a section begins above the comments of the setting that needs it
      const above = result[0] === "" ? commentsAbove(lines, first, section.line) : [];
      if (above.length > 0) {
        const start = first - above.length;
        if ((lines[start - 1] ?? "") === "") result.shift();
        for (let index = start; index < first; index++) replaced.set(index, []);
        const head = result.splice(0, result.findIndex((line) => line.startsWith("[")) + 1);
        result.unshift(...head, ...above);
      } else if (result[0] === "" && (lines[first - 1] ?? "") === "") result.shift();
      replaced.set(first, result);
      clear(replaced, first, last);
    }
    if (current === undefined && !isCondition) dropHeader(section.name, section.line - 1, lines, replaced);
  }
  const end = text.endsWith("\n") || lines.length === 0 ? "\n" : "";
  const changed = lines.flatMap((line, index) => replaced.get(index) ?? [line]);
  const same = changed.length === lines.length && changed.every((line, index) => line === lines[index]);
  return { text: same ? text : `${changed.join("\n")}${end}`, notes };
}

function clear(replaced: Map<number, readonly string[]>, first: number, last: number): void {
  for (let line = first + 1; line <= last; line++) replaced.set(line, []);
}

/** Whatever was in a section of a former dialect is a comment now, and so is the section. */
function dropHeader(
  name: string,
  line: number,
  lines: readonly string[],
  replaced: Map<number, readonly string[]>,
): void {
  if (name === "" || (SECTIONS.has(name) && name !== "Host")) return;
  const renamed = RENAMED_SECTIONS[name];
  const text = lines[line] ?? "";
  if (renamed !== undefined) replaced.set(line, [text.replace(/\[.*?\]/, `[${renamed}]`)]);
  else if (name === "Partitions") replaced.set(line, [`# ${text}`]);
}

/** Its lines, counted from 0, with the comments between them. */
function extentOf({ line, lines }: Entry): { readonly first: number; readonly last: number } {
  return { first: line - 1, last: (lines.at(-1)?.line ?? line) - 1 };
}

function commentsAbove(lines: readonly string[], index: number, sectionLine: number): string[] {
  let start = index;
  while (start > sectionLine && (lines[start - 1] ?? "").trimStart().startsWith("#")) start--;
  return lines.slice(start, index);
}

function valueOf(entry: Entry): string {
  return entry.lines.map(({ text }) => text).join("\n");
}

/** The lines of an entry with another name. */
function renameIn(lines: readonly string[], old: string, name: string): string[] {
  const [first = "", ...rest] = lines;
  return [first.replace(old, () => name), ...rest];
}

/** Where a setting belongs; what is not known stays where it is. */
function sectionOf(name: string, section: string): string {
  const key = keyByName.get(name);
  if (key === undefined) return RENAMED_SECTIONS[section] ?? section;
  return rowOf(key).section;
}

function translateCondition(entry: Entry): Translation {
  const key = keyByName.get(entry.key);
  const name = key === undefined ? entry.key : rowOf(key).name;
  return { assignments: [`${name}=`], keepsValue: true };
}

function translate(entry: Entry, hashed: boolean): Translation {
  const written = entry.key.replace(/^@/, "");
  const value = valueOf(entry);
  const key = keyByName.get(written);
  const known = key === undefined ? byLowerCase.get(written.toLowerCase()) : rowOf(key).name;
  if (known !== undefined) return translateValue(known, value);
  const on = tryBoolean(value);
  const renamed = lookUp(RENAMED, written);
  if (renamed === "RootPassword")
    return { assignments: [`RootPassword=${hashed && value !== "" ? "hashed:" : ""}${value}`] };
  if (renamed !== undefined) return { assignments: [`${renamed}=${value}`], keepsValue: true };
  const change = lookUp(SWITCHES, written);
  if (change !== undefined && on !== undefined) {
    const result = on ? change.on : change.off;
    return { assignments: result === "" ? [] : [result] };
  }
  if (written === "QemuBoot" && ["uefi", "bios", "linux", "linux-noefi"].includes(value))
    return { assignments: [`Firmware=${value}`] };
  if (written === "PasswordIsHashed") return { assignments: [] };
  const successor = goneSetting(written);
  // nothing is lost with what was switched off
  if (successor !== undefined) return { assignments: [], note: on === false ? undefined : sentence(successor) };
  return {
    assignments: [`${entry.key}=`],
    keepsValue: true,
    note: "it is no setting and none of former versions; it stays as it is",
  };
}

function translateValue(name: string, value: string): Translation {
  const replacement = lookUp(VALUES[name] ?? {}, value);
  if (replacement !== undefined) {
    const { assignments, loss } = replacement;
    return { assignments, note: loss === undefined ? undefined : `${value} is disk now; ${loss}` };
  }
  const gone = goneValue(name, value);
  if (gone !== undefined) return { assignments: [], note: sentence(gone) };
  if (name === "ExtraSearchPaths" && /^[^,\s]*:[^,\s]*$/.test(value))
    return { assignments: [`${name}=${value.replaceAll(":", ",")}`] };
  const { completion } = rowOf(keyByName.get(name) ?? "include").type;
  const synonym = SYNONYMS[value.toLowerCase()];
  const isSynonym =
    completion.kind === "words" &&
    synonym !== undefined &&
    completion.words.includes(synonym) &&
    !completion.words.includes(value);
  return isSynonym ? { assignments: [`${name}=${synonym}`] } : { assignments: [`${name}=`], keepsValue: true };
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.entries(table).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
}

function sentence(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
}
