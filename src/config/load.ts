// Reads the configuration of one image: a directory with mkosi.conf, mkosi.local.conf, picked-up files, mkosi.conf.d/
// and profiles, or a single file; and what these include. The order is the language's.

import { basename, join } from "node:path";
import { goneValue } from "../facts/gone.ts";
import type { Origin } from "../report/failure.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import { BUILTIN_CONFIGURATIONS } from "../settings/types/builtin.ts";
import { entriesIn, isDirectory, isFile, type Kind, kindOf, lookAt, whyUnseen } from "../settings/types/files.ts";
import { resolvePath } from "../settings/types/path.ts";
import { ValueError } from "../settings/types/value.ts";
import { CONDITION_SECTIONS, type ConditionContext, failedCondition } from "./conditions.ts";
import { assignedEvent, markLocal } from "./history.ts";
import type { Entry, ValueLine } from "./ini.ts";
import { pickUp } from "./pickup.ts";
import {
  isThere,
  keyByName,
  keyBySpecifier,
  listDirectory,
  openConfigFile,
  parseContext,
  type Session,
} from "./session.ts";
import { type ConfigFile, placeText } from "./source.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { assigned, current, type ImageState, isProhibited, specifierValue } from "./state.ts";
import { remedyForProhibited, reportGone, unknownSection, unknownSetting } from "./unknown.ts";
import { assign, rowOf, targetOf } from "./values.ts";

/** Sections whose settings are read here; [Host] is the former name of [Runtime]. */
export const SECTIONS: ReadonlySet<string> = new Set([...rows.map(([, row]) => row.section), "Host"]);

/** More than the original can read (about 400), and less than what the stack has room for. */
const MAX_INCLUDE_DEPTH = 450;

/** Whoever has more to mend than this needs no nearest name for each: looking for one takes its time. */
const MAX_SUGGESTIONS = 100;

export interface LoadOptions {
  /** Relative paths are relative to it; a directory that is loaded is its own. */
  readonly workingDirectory: string;
  readonly profiles?: boolean;
  readonly local?: boolean;
  /** A directory is called what it is called here. Default false: symlinks in its name are followed. */
  readonly asWritten?: boolean;
  /** What is at the path, when that is known: with thousands of files every look counts. */
  readonly kind?: Kind;
}

/**
 * Loads a directory or a file (absolute path).
 * @returns false when its conditions kept it out
 */
export function loadPath(session: Session, state: ImageState, path: string, options: LoadOptions): boolean {
  const isTree = options.kind === undefined ? isDirectory(path) : options.kind === "directory";
  const real = isTree ? resolvePath(path, "/") : undefined;
  const directory = options.asWritten === true && real !== undefined ? path : real;
  const file = directory === undefined ? path : join(directory, "mkosi.conf");
  const workingDirectory = real ?? options.workingDirectory;
  const content = openConfigFile(session, file, directory === undefined ? options.kind : undefined);
  const conditions: string[] = [];
  if (content !== undefined) {
    const context: ConditionContext = { session, state, file: content, workingDirectory, held: conditions };
    const failed = failedCondition(context, "Match");
    if (failed !== undefined) {
      const { text, section, origin } = failed;
      state.history.push({ type: "skipped", path: file, condition: text, section, origin });
      return false;
    }
    const assertion = failedCondition({ ...context, held: [] }, "Assert");
    if (assertion?.broken === true) return false;
    if (assertion !== undefined) {
      const actual = assertion.actual();
      session.diagnostics.push({
        level: "error",
        message:
          assertion.text === undefined
            ? `no condition of [${assertion.section}] holds`
            : `${assertion.text} of [${assertion.section}] does not hold${actual === undefined ? "" : `: it is ${actual}`}`,
        origin: assertion.origin,
        excerpt: assertion.excerpt(),
      });
      return false;
    }
  }
  if (directory !== undefined) {
    if (options.local === true) loadLocal(session, state, directory, workingDirectory);
    pickUp(session, state, workingDirectory);
  }
  if (content !== undefined) readFile(session, state, content, workingDirectory, conditions);
  if (directory !== undefined) loadDropIns(session, state, directory, workingDirectory);
  if (options.profiles === true) loadProfiles(session, state, workingDirectory);
  return true;
}

/** Local configuration beats the other files, but not the command line: its values join those of the command line. */
function loadLocal(session: Session, state: ImageState, directory: string, workingDirectory: string): void {
  const sub = join(directory, "mkosi.local");
  const file = join(directory, "mkosi.local.conf");
  for (const path of [sub, file].filter((each) => isThere(session, each))) {
    if (path === sub ? !isDirectory(path) : !isFile(path)) continue;
    const before = state.history.length;
    loadPath(session, state, path, { workingDirectory });
    markLocal(state.history, before);
    for (const key of [...state.config.keys()]) {
      const slot = assigned(state, key) ?? { value: current(state, key), origins: [], emptied: false };
      state.cli.set(key, { ...slot, emptied: state.cli.get(key)?.emptied ?? false });
      state.config.delete(key);
    }
  }
}

function loadDropIns(session: Session, state: ImageState, directory: string, workingDirectory: string): void {
  const dropIns = join(directory, "mkosi.conf.d");
  if (!isThere(session, dropIns)) return;
  if (!isDirectory(dropIns)) {
    session.diagnostics.push({
      level: "error",
      message: `${dropIns} is not a directory`,
      remedy: "Make it a directory of .conf files, or remove it.",
    });
    return;
  }
  for (const { name, kind } of listDirectory(session, dropIns, entriesIn)) {
    const path = `${dropIns}/${name}`;
    // editors leave hidden links to nowhere
    if (kind === undefined && !name.startsWith(".")) isThere(session, path);
    if (kind === undefined || !(kind === "directory" || (name.endsWith(".conf") && name !== ".conf"))) continue;
    loadPath(session, state, path, { workingDirectory, kind });
  }
}

function loadProfiles(session: Session, state: ImageState, workingDirectory: string): void {
  for (const profile of current(state, "profiles") as readonly string[]) {
    const directory = join(workingDirectory, "mkosi.profiles");
    state.profileDirectories.add(directory);
    for (const name of [profile, `${profile}.conf`]) {
      const path = join(directory, name);
      if (!isThere(session, path)) continue;
      state.foundProfiles.add(profile);
      loadPath(session, state, path, { workingDirectory });
    }
  }
}

function readFile(
  session: Session,
  state: ImageState,
  file: ConfigFile,
  workingDirectory: string,
  conditions: readonly string[],
): void {
  state.files.push(file.path);
  state.history.push({ type: "read", path: file.path, conditions });
  for (const section of file.sections(SECTIONS)) {
    const known = SECTIONS.has(section.name);
    if (!known && section.name !== "") {
      if (!CONDITION_SECTIONS.has(section.name))
        session.diagnostics.push(unknownSection(section.name, file.origin(section), file.excerpt(section)));
      continue;
    }
    for (const item of section.items) {
      if (item.kind === "entry") readEntry(session, state, file, section.name, item, workingDirectory);
      else {
        const { message, remedy } = item;
        session.diagnostics.push({
          level: "error",
          message,
          remedy,
          origin: file.origin(item),
          excerpt: file.excerpt(item),
        });
      }
    }
  }
}

function readEntry(
  session: Session,
  state: ImageState,
  file: ConfigFile,
  section: string,
  entry: Entry,
  workingDirectory: string,
): void {
  const report = (
    level: "error" | "warning",
    message: string,
    remedy?: string,
    place: { line: number; column: number } = entry,
  ): void => {
    session.diagnostics.push({ level, message, remedy, origin: file.origin(place), excerpt: file.excerpt(place) });
  };
  const name = entry.key.startsWith("@") ? entry.key.slice(1) : entry.key;
  if (name !== entry.key) report("warning", `“@” in front of ${name} has no effect any more`, `Write ${name}=.`);
  const key = keyByName.get(name);
  if (key === undefined) {
    const gone = reportGone(name, file.origin(entry), file.excerpt(entry));
    session.diagnostics.push(
      gone ??
        unknownSetting(name, file.origin(entry), file.excerpt(entry), session.diagnostics.length < MAX_SUGGESTIONS),
    );
    return;
  }
  const row = rowOf(key);
  if (isProhibited(state, key)) {
    report("error", `${name}= cannot be set in the image “${state.name}”`, remedyForProhibited(state.name, row.name));
    return;
  }
  if (section !== row.section) report("warning", `${name}= belongs in [${row.section}], not in [${section}]`);
  if (name !== row.name) report("warning", `${name}= is now called ${row.name}=`);
  if (row.type.shape !== "map") warnAboutIndentation(entry, report);
  for (const { cut } of entry.lines) {
    const remedy = `Put a blank before the comment. A value with a # cannot stand in a file: give it by --${row.option}=.`;
    if (cut !== undefined)
      report("warning", `the value of ${name}= ends here, where a # begins a comment`, remedy, cut);
  }
  const places = { file, workingDirectory };
  const placed = placeText(entry, (text, position) =>
    expandSpecifiers(text, {
      value: (letter) => specifierValue(state, letter, keyBySpecifier, places),
      warn: (message, remedy) => report("warning", message, remedy, position),
    }),
  );
  const context = parseContext(session, workingDirectory, state.config.get(targetOf(key))?.value, (warning) => {
    const place = placed.position(warning.offset);
    session.diagnostics.push({
      ...warning,
      level: "warning",
      message: `${name}: ${warning.message}`,
      origin: file.origin(place),
      excerpt: file.excerpt(place),
    });
  });
  try {
    const change = row.type.parse(placed.text, context);
    assign(state.config, key, change, (offset) => file.origin(placed.position(offset)));
    state.history.push(assignedEvent(key, `${name}=`, placed.text, change, file.origin(entry)));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    for (const { message, remedy, offset } of error.all)
      report("error", `${name}: ${message}`, goneValue(row.name, placed.text) ?? remedy, placed.position(offset));
  }
  if (key === "include") loadIncludes(session, state, workingDirectory);
}

/** An indented setting or section is a part of the value above, which is seldom what was meant. */
function warnAboutIndentation(
  entry: Entry,
  report: (level: "warning", message: string, remedy: string, place: ValueLine) => void,
): void {
  for (const line of entry.lines.slice(1)) {
    const header = /^\[([A-Za-z]+)\]$/.exec(line.text)?.[1];
    if (header !== undefined && (SECTIONS.has(header) || CONDITION_SECTIONS.has(header)))
      report("warning", `this line is part of ${entry.key}=, too`, `Do not indent [${header}].`, line);
    const name = /^([A-Za-z]+)\s*=/.exec(line.text)?.[1];
    if (name === undefined || !keyByName.has(name)) continue;
    report("warning", `this line is part of ${entry.key}=, not a setting of its own`, `Do not indent ${name}=.`, line);
  }
}

/** Loads what Include= names and was not loaded yet, wherever it was named. */
export function loadIncludes(session: Session, state: ImageState, workingDirectory: string): void {
  const wanted = (slots: ImageState["cli"]): [string, Origin | undefined][] => {
    const slot = slots.get("include" satisfies SettingKey);
    return ((slot?.value ?? []) as string[]).map((path, index) => [path, slot?.origins[index]]);
  };
  for (const [name, origin] of [...wanted(state.cli), ...wanted(state.config)]) {
    const builtin = BUILTIN_CONFIGURATIONS.some((known) => known === name);
    const path = builtin ? join(session.machine.builtin, name) : name;
    const stat = lookAt(path);
    if (stat === undefined) {
      session.diagnostics.push({
        level: "error",
        message: `${basename(path)} cannot be included: ${path} ${whyUnseen(path) ?? "does not exist"}`,
        origin,
      });
      continue;
    }
    const identity = `${stat.dev}:${stat.ino}`;
    if (state.includes.has(identity)) continue;
    state.includes.add(identity);
    if (session.includeDepth >= MAX_INCLUDE_DEPTH) {
      session.diagnostics.push({
        level: "error",
        message: `${basename(path)} cannot be included: more than ${MAX_INCLUDE_DEPTH} files include each other`,
        origin,
        remedy: "Include some of them from one file, one after the other.",
      });
      continue;
    }
    session.includeDepth++;
    loadPath(session, state, path, {
      workingDirectory,
      profiles: stat.isDirectory(),
      asWritten: true,
      kind: kindOf(stat),
    });
    session.includeDepth--;
  }
}
