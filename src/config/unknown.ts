// What to say about names that are not (or no longer) in the language.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { GONE_FILES, goneSection, goneSetting } from "../facts/gone.ts";
import type { Origin } from "../report/failure.ts";
import { suggest } from "../report/suggest.ts";
import { rows } from "../settings/index.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Session } from "./session.ts";

const SECTION_NAMES = [
  ...new Set(rows.map(([, row]) => row.section as string)),
  "Match",
  "TriggerMatch",
  "Assert",
  "TriggerAssert",
];

/** A message about a setting that was removed; undefined when there never was one of that name. */
export function reportGone(name: string, origin: Origin, excerpt: string): Diagnostic | undefined {
  const successor = goneSetting(name);
  if (successor === undefined) return undefined;
  return {
    level: "warning",
    strict: true,
    message: `${name}= does not exist any more and is ignored`,
    remedy: successor,
    origin,
    excerpt,
  };
}

/** @param suggests whether the nearest known name is looked for */
export function unknownSetting(name: string, origin: Origin, excerpt: string, suggests = true): Diagnostic {
  const known = suggests ? rows.flatMap(([, row]) => [row.name, ...(row.oldNames ?? [])]) : [];
  const near = suggest(name, known);
  return {
    level: "warning",
    strict: true,
    message: `${name}= is not a setting and is ignored`,
    remedy: name.startsWith(";")
      ? "Comments begin with #."
      : near === undefined
        ? "Run mkosi help for all settings."
        : `Did you mean ${near}=?`,
    origin,
    excerpt,
  };
}

export function unknownSection(name: string, origin: Origin, excerpt: string): Diagnostic {
  const gone = goneSection(name);
  const near = suggest(name, SECTION_NAMES);
  return {
    level: "warning",
    strict: true,
    message: `[${name}] is not a section and is ignored`,
    remedy:
      gone ??
      (near === undefined
        ? `Sections are ${SECTION_NAMES.map((known) => `[${known}]`).join(", ")}.`
        : `Did you mean [${near}]?`),
    origin,
    excerpt,
  };
}

/** What to do about a setting that an image must not set itself. */
export function remedyForProhibited(image: string, name: string): string {
  if (image !== "tools") return "Set it in the main image's configuration.";
  const counterpart = `ToolsTree${name}`;
  return rows.some(([, row]) => row.name === counterpart)
    ? `Set ${counterpart}= in the main image's configuration.`
    : "Tools trees have no such setting: remove it.";
}

/** Says what lies in a directory and is not read any more (or, mkosi.presets, only for now). */
export function reportOldFiles(session: Session, directory: string | undefined): void {
  if (directory === undefined) return;
  for (const [name, remedy] of Object.entries(GONE_FILES)) {
    const path = join(directory, name);
    if (!existsSync(path)) continue;
    const isRead = name === "mkosi.presets" && !existsSync(join(directory, "mkosi.images"));
    const message = `${name} is ${isRead ? "the former name of mkosi.images" : "not read any more"}`;
    session.diagnostics.push({ level: "warning", message, remedy, origin: { kind: "pickup", path } });
  }
}

/** Says that a directory has no configuration, so that everything is as by default. */
export function reportNoConfiguration(session: Session, directory: string): void {
  session.diagnostics.push({
    level: "warning",
    message: `there is no configuration in ${directory}, and no option: everything has its default`,
    remedy: "Write a mkosi.conf there, or name the project's directory with -C.",
  });
}
