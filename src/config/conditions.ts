// Whether a file applies: all [Match] sections must hold and, when there are [TriggerMatch] sections, one of them.
// [Assert] and [TriggerAssert] are the same, but an error when they do not hold.

import type { Origin } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { rows } from "../settings/index.ts";
import { ValueError } from "../settings/types/value.ts";
import type { Entry, IniSection, Position } from "./ini.ts";
import { matchesOther, matchesSetting, OTHER_CONDITIONS } from "./match.ts";
import { keyByName, keyBySpecifier, parseContext, type Session } from "./session.ts";
import { type ConfigFile, placeText } from "./source.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { current, type ImageState, specifierValue } from "./state.ts";
import { rowOf } from "./values.ts";

/** What a condition is evaluated against. */
export interface ConditionContext {
  readonly session: Session;
  readonly state: ImageState;
  readonly file: ConfigFile;
  /** `%P`, and what PathExists= is relative to. */
  readonly workingDirectory: string;
  /** Gets the conditions that let the file in, as they are written. */
  readonly held: string[];
}

/** A condition that did not hold. */
export interface FailedCondition {
  readonly section: string;
  /** As it is written; undefined when none of several triggers held. */
  readonly text: string | undefined;
  /** Whether it could not be evaluated, which was reported already. */
  readonly broken: boolean;
  readonly origin: Origin;
  /** The line with a caret; made when it is asked for, as most files that are left out are nobody's concern. */
  excerpt(): string;
  /** What the setting that was asked for is; undefined when no setting was. */
  actual(): string | undefined;
}

/** The sections that are read for each kind. */
export const SECTIONS = {
  Match: new Set(["Match", "TriggerMatch"]),
  Assert: new Set(["Assert", "TriggerAssert"]),
} as const satisfies Record<string, ReadonlySet<string>>;

export const CONDITION_SECTIONS: ReadonlySet<string> = new Set([...SECTIONS.Match, ...SECTIONS.Assert]);

const MATCHABLE = rows.filter(([, row]) => row.match !== undefined).map(([, row]) => row.name);

/** All sections with conditions, each as its reader sees it. */
export function conditionSections(file: ConfigFile): IniSection[] {
  return Object.values(SECTIONS).flatMap((names) => file.sections(names).filter(({ name }) => names.has(name)));
}

/** The first condition that keeps the file out, or undefined when it applies. Errors in conditions are reported. */
export function failedCondition(context: ConditionContext, kind: "Match" | "Assert"): FailedCondition | undefined {
  const { file } = context;
  let triggers: FailedCondition | boolean | undefined;
  let broken: FailedCondition | undefined;
  for (const section of file.sections(SECTIONS[kind])) {
    const isTrigger = section.name === `Trigger${kind}`;
    if (section.name !== kind && !(isTrigger && triggers !== true)) continue;
    const failed = sectionFails(context, section);
    if (failed?.broken === true) broken ??= failed;
    else if (isTrigger) triggers = failed === undefined ? true : { ...failed, text: undefined };
    else if (failed !== undefined) return failed;
  }
  return broken ?? (typeof triggers === "object" ? triggers : undefined);
}

/** Ends at the first condition that does not hold, but goes on after one that is broken, to tell all that are. */
function sectionFails(context: ConditionContext, section: IniSection): FailedCondition | undefined {
  const { file, session } = context;
  const failed = (entry: Entry | IniSection, text: string | undefined, isBroken = false): FailedCondition => ({
    section: section.name,
    text,
    broken: isBroken,
    origin: file.origin(entry),
    excerpt: () => file.excerpt(entry),
    actual: () => ("key" in entry ? valueOf(context.state, entry.key) : undefined),
  });
  let triggered: boolean | undefined;
  let broken: FailedCondition | undefined;
  const held: string[] = [];
  for (const item of section.items) {
    if (item.kind === "problem") {
      session.diagnostics.push({
        level: "error",
        message: item.message,
        remedy: item.remedy,
        origin: file.origin(item),
        excerpt: file.excerpt(item),
      });
      continue;
    }
    const condition = readCondition(item);
    const result = evaluate(context, section.name, item, condition.value);
    if (result === undefined) {
      broken ??= failed(item, `${item.key}=${condition.raw}`, true);
      continue;
    }
    const holds = result !== condition.negate;
    if (holds) held.push(`${item.key}=${item.lines.map((line) => line.text).join(" ")}`);
    if (condition.trigger) triggered = triggered === true || holds;
    else if (!holds) return failed(item, `${item.key}=${condition.raw}`);
  }
  if (broken !== undefined || triggered === false) return broken ?? failed(section, undefined);
  context.held.push(...held);
  return undefined;
}

/** A setting's value at this moment, for messages; undefined when there is no such setting. */
function valueOf(state: ImageState, name: string): string | undefined {
  const key = keyByName.get(name);
  if (key === undefined) return undefined;
  const value = current(state, key);
  const text = value === null ? "" : rowOf(key).type.print(value);
  return text === "" ? "not set" : text;
}

interface Condition {
  readonly raw: string;
  readonly trigger: boolean;
  readonly negate: boolean;
  /** Without the signs. */
  readonly value: Entry;
}

/** Takes the signs off. */
export function readCondition(entry: Entry): Condition {
  const [first, ...others] = entry.lines;
  const raw = first?.text ?? "";
  const trigger = raw.startsWith("|");
  const negate = raw.startsWith("!", trigger ? 1 : 0);
  const signs = Number(trigger) + Number(negate);
  const line = {
    text: raw.slice(signs),
    line: first?.line ?? entry.line,
    column: (first?.column ?? entry.column) + signs,
  };
  return { raw, trigger, negate, value: { ...entry, lines: [line, ...others] } };
}

/** Undefined when the condition is wrong, which is reported. */
function evaluate(context: ConditionContext, section: string, original: Entry, entry: Entry): boolean | undefined {
  const { session, state, file, workingDirectory } = context;
  const report = (level: "error" | "warning", message: string, remedy?: string, place: Position = original): void => {
    session.diagnostics.push({ level, message, remedy, origin: file.origin(place), excerpt: file.excerpt(place) });
  };
  const placed = placeText(entry, (text, position) =>
    expandSpecifiers(text, {
      value: (letter) => specifierValue(state, letter, keyBySpecifier, context),
      warn: (message, remedy) => report("warning", message, remedy, position),
    }),
  );
  const wanted = placed.text;
  try {
    const other = OTHER_CONDITIONS.find((name) => name === entry.key);
    if (other !== undefined) return matchesOther(other, wanted, state.name, workingDirectory, session.machine);
    // the manual has OutputFormat= beside Format=
    const key = keyByName.get(entry.key === "OutputFormat" ? "Format" : entry.key);
    const matcher = key === undefined ? undefined : rowOf(key).match;
    if (key === undefined || matcher === undefined) {
      report("error", `${entry.key}= cannot be used in [${section}]`, remedyForCondition(entry.key));
      return undefined;
    }
    const row = rowOf(key);
    if (row.scope === "main" && state.name !== "main") {
      report("error", `${entry.key}= can be matched on in the main image only`);
      return undefined;
    }
    if (row.name !== entry.key) report("warning", `${entry.key}= is now called ${row.name}=`);
    const parsing = parseContext(session, workingDirectory, undefined, ({ message, remedy, offset }) =>
      report("warning", message, remedy, placed.position(offset)),
    );
    return matchesSetting(key, matcher, wanted, current(state, key), parsing);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    for (const { message, remedy, offset } of error.all)
      report("error", `${entry.key}: ${message}`, remedy, placed.position(offset));
    return undefined;
  }
}

/** What to write instead of a condition that there is none of. */
export function remedyForCondition(name: string): string {
  const near = suggest(name, [...MATCHABLE, ...OTHER_CONDITIONS]);
  return near === undefined
    ? `Conditions are ${[...MATCHABLE, ...OTHER_CONDITIONS].sort().join(", ")}.`
    : `Did you mean ${near}=?`;
}
