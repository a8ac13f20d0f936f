// Files whose conditions can never hold all at once.

import { SECTIONS } from "./conditions.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Entry } from "./ini.ts";
import { isVersionCondition, matchesVersion } from "./match.ts";
import { keyByName } from "./session.ts";
import { type ConfigFile, readConfigFile } from "./source.ts";
import { rowOf } from "./values.ts";

interface Wanted {
  readonly entry: Entry;
  readonly section: string;
  /** Without signs. */
  readonly value: string;
  readonly negated: boolean;
}

/** By the file: an editor has the same ones checked again and again. */
const known = new WeakMap<ConfigFile, Diagnostic[]>();

/** What is impossible in a file. */
export function impossibleSections(path: string): Diagnostic[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  const found = known.get(file) ?? impossibleIn(file);
  known.set(file, found);
  return found;
}

function impossibleIn(file: ConfigFile): Diagnostic[] {
  const plain = (name: string): Wanted[][] =>
    file
      .sections(SECTIONS[name.endsWith("Match") ? "Match" : "Assert"])
      .filter((section) => section.name === name)
      .map((section) => section.items.flatMap(wantedOf(name)));
  return [
    // of [Match] and [Assert] all must hold, of the others one
    plain("Match").flat(),
    plain("Assert").flat(),
    ...plain("TriggerMatch"),
    ...plain("TriggerAssert"),
  ].flatMap((wanted) => contradictions(file, wanted));
}

/** Triggers are alternatives, and what a specifier stands for is known only later. */
function wantedOf(section: string): (item: { readonly kind: string }) => Wanted[] {
  return (item) => {
    if (item.kind !== "entry") return [];
    const entry = item as Entry;
    const text = entry.lines.map((line) => line.text).join("\n");
    if (text.startsWith("|") || text.includes("%")) return [];
    const negated = text.startsWith("!");
    return [{ entry, section, value: negated ? text.slice(1) : text, negated }];
  };
}

function contradictions(file: ConfigFile, all: readonly Wanted[]): Diagnostic[] {
  return all.flatMap((wanted, index) => {
    const before = all
      .slice(0, index)
      .find((earlier) => earlier.entry.key === wanted.entry.key && areContrary(earlier, wanted));
    if (before === undefined) return [];
    const { entry, section } = wanted;
    const alternatives = before.negated === wanted.negated && !isVersionCondition(entry.key);
    return [
      {
        level: "warning" as const,
        message: `[${section}] can never hold: ${entry.key}= cannot be ${written(before)} and ${written(wanted)}`,
        origin: file.origin(entry),
        excerpt: file.excerpt(entry),
        remedy: alternatives
          ? `For alternatives write ${entry.key}=|${written(before)} and ${entry.key}=|${written(wanted)}.`
          : "Remove one of the two.",
      },
    ];
  });
}

function written({ value, negated }: Wanted): string {
  return negated ? `!${value}` : value;
}

function areContrary(left: Wanted, right: Wanted): boolean {
  if (left.negated !== right.negated) return left.value === right.value;
  if (left.negated) return false;
  if (isVersionCondition(left.entry.key)) return exclude(left.value, right.value);
  return hasOneValue(left.entry.key) && left.value !== right.value;
}

function matcherOf(name: string): string | undefined {
  const key = keyByName.get(name);
  return key === undefined ? undefined : rowOf(key).match;
}

/** Whether a setting is compared as a whole with what is asked for. `uefi` stands for several architectures. */
function hasOneValue(name: string): boolean {
  return (
    ["equal", "word", "feature"].includes(matcherOf(name) ?? "") || name === "Image" || name === "HostArchitecture"
  );
}

/** Whether no version meets both comparisons: neither one of the two versions does, nor one between or beside them. */
function exclude(left: string, right: string): boolean {
  const bounds = [left, right].map((text) => text.replace(/^(?:==|!=|<=|>=|<|>)/, ""));
  const near = bounds.flatMap((version) => [`${version}~`, version, `${version}^`]);
  return ![...near, "~", "99999999"].some((version) => matchesVersion(left, version) && matchesVersion(right, version));
}
