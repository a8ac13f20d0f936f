// What reading a project does not look at: the conditions behind one that does not hold, and the contents of files that
// are left out. Only what is wrong in any state is told, as warnings, since these files have no effect now.

import { dirname, join } from "node:path";
import { isDirectory, namesIn } from "../settings/types/files.ts";
import { type ParseContext, ValueError } from "../settings/types/value.ts";
import { CONDITION_SECTIONS, conditionSections, readCondition, remedyForCondition } from "./conditions.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Entry, IniSection, Position } from "./ini.ts";
import { SECTIONS } from "./load.ts";
import { matchesOther, matchesSetting, OTHER_CONDITIONS } from "./match.ts";
import { keyByName } from "./session.ts";
import { type ConfigFile, placeText, readConfigFile } from "./source.ts";
import { reportGone, unknownSection, unknownSetting } from "./unknown.ts";
import { rowOf } from "./values.ts";

/** Wrong conditions of a file, and of one that was left out what else is wrong with it and its drop-ins. */
export function unreadProblems(path: string, leftOut: boolean): Diagnostic[] {
  const file = readConfigFile(path);
  if (file === undefined || "problem" in file) return [];
  const settings = leftOut ? file.sections(SECTIONS).filter(({ name }) => !CONDITION_SECTIONS.has(name)) : [];
  const own = [
    ...conditionSections(file).flatMap((section) => badConditions(file, section)),
    ...settings.flatMap((section) => badSettings(file, section)),
  ];
  if (!leftOut || !path.endsWith("/mkosi.conf")) return own;
  return [...own, ...dropInsOf(dirname(path)).flatMap((each) => unreadProblems(each, true))];
}

function dropInsOf(directory: string): string[] {
  const dropIns = join(directory, "mkosi.conf.d");
  if (!isDirectory(dropIns)) return [];
  return namesIn(dropIns).flatMap((name) => {
    const path = join(dropIns, name);
    if (isDirectory(path)) return [join(path, "mkosi.conf")];
    return name.endsWith(".conf") ? [path] : [];
  });
}

function badConditions(file: ConfigFile, section: IniSection): Diagnostic[] {
  return section.items.flatMap((item) => {
    if (item.kind === "problem") return [warning(file, item, item.message, item.remedy)];
    const { value } = readCondition(item);
    const key = keyByName.get(item.key === "OutputFormat" ? "Format" : item.key);
    const matcher = key === undefined ? undefined : rowOf(key).match;
    const other = OTHER_CONDITIONS.find((name) => name === item.key);
    if (other === undefined && (key === undefined || matcher === undefined)) {
      const message = `${item.key}= cannot be used in [${section.name}]`;
      return [warning(file, item, message, remedyForCondition(item.key))];
    }
    return badValue(file, value, (text, context) => {
      if (other === "HostArchitecture") matchesOther(other, text, "", "/", { environment: {}, builtin: "", runFile });
      // compared with something of its kind; only whether the text can be read matters
      if (key !== undefined && matcher !== undefined)
        matchesSetting(key, matcher, text, SAMPLES[matcher] ?? "", context);
    });
  });
}

const SAMPLES: Readonly<Record<string, unknown>> = { element: [], entry: {}, "build-sources": [] };

function runFile(): never {
  throw new Error("nothing is run to check a file");
}

function badSettings(file: ConfigFile, section: IniSection): Diagnostic[] {
  if (section.name !== "" && !SECTIONS.has(section.name))
    return [unknownSection(section.name, file.origin(section), file.excerpt(section))];
  return section.items.flatMap((item) => {
    if (item.kind === "problem") return [warning(file, item, item.message, item.remedy)];
    const name = item.key.replace(/^@/, "");
    const key = keyByName.get(name);
    if (key === undefined) {
      const place = [file.origin(item), file.excerpt(item)] as const;
      return [reportGone(name, ...place) ?? unknownSetting(name, ...place)];
    }
    const { type } = rowOf(key);
    // files may exist later, and a newer program may read what asks for it
    if (["path", "directory"].includes(type.completion.kind) || key === "minimumVersion") return [];
    return badValue(file, item, (text, context) => void type.parse(text, context));
  });
}

/** What specifiers and variables stand for is known only when the file is read. */
function badValue(file: ConfigFile, entry: Entry, read: (text: string, context: ParseContext) => void): Diagnostic[] {
  const placed = placeText(entry, (text) => text);
  if (/[%$]/.test(placed.text)) return [];
  const context: ParseContext = {
    directory: dirname(file.path),
    environment: {},
    previous: undefined,
    warn: () => {},
    readSection: () => ({ entries: [], place: { report: () => {} } }),
  };
  try {
    read(placed.text, context);
    return [];
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return error.all.map(({ message, remedy, offset }) =>
      warning(file, placed.position(offset), `${entry.key}: ${message}`, remedy),
    );
  }
}

function warning(file: ConfigFile, place: Position, message: string, remedy: string | undefined): Diagnostic {
  const [origin, excerpt] = [file.origin(place), file.excerpt(place)];
  return { level: "warning", strict: true, message, remedy, origin, excerpt };
}
