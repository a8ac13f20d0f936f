// What all images of a project share while their configuration is read: the machine, the files read so far, the
// problems found.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { isExecutable } from "../formats/executable.ts";
import { rows, type SettingKey } from "../settings/index.ts";
import { checkText, type Kind, readText, whyUnseen } from "../settings/types/files.ts";
import { type ParseContext, ValueError } from "../settings/types/value.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { readSectionOf } from "./one-section.ts";
import { type ConfigFile, readConfigFile, type UnreadableFile } from "./source.ts";

/** What the reader of configurations needs of the machine. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Directory with mkosi-initrd, mkosi-tools, mkosi-vm and mkosi-addon. */
  readonly builtin: string;
  /** What a program prints. @throws {Error} when it cannot be run or fails */
  runFile(argv: readonly string[], directory: string): string;
}

export interface Session {
  readonly machine: Machine;
  readonly diagnostics: Diagnostic[];
  readonly files: Map<string, ConfigFile | UnreadableFile | undefined>;
  /** How many files that include each other are being read at the moment. */
  includeDepth: number;
}

export function newSession(machine: Machine): Session {
  return { machine, diagnostics: [], files: new Map(), includeDepth: 0 };
}

export const keyByName: ReadonlyMap<string, SettingKey> = new Map(
  rows.flatMap(([key, row]) => [row.name, ...(row.oldNames ?? [])].map((name) => [name, key] as const)),
);

export const keyBySpecifier: ReadonlyMap<string, SettingKey> = new Map(
  rows.flatMap(([key, row]) => (row.specifier === undefined ? [] : [[row.specifier, key] as const])),
);

/** Reads a file once for the whole project; what is unreadable is reported once. `kind`: see readConfigFile. */
export function openConfigFile(session: Session, path: string, kind?: Kind): ConfigFile | undefined {
  if (!session.files.has(path)) {
    const file = readConfigFile(path, kind);
    session.files.set(path, file);
    if (file !== undefined && "hasByteOrderMark" in file && file.hasByteOrderMark)
      warnAboutByteOrderMark(session, file);
    if (file !== undefined && "problem" in file) {
      session.diagnostics.push({
        level: "error",
        message: file.problem,
        origin: file.origin,
        remedy: "Make it a readable text file, or remove it.",
      });
    }
  }
  const file = session.files.get(path);
  return file === undefined || "problem" in file ? undefined : file;
}

function warnAboutByteOrderMark(session: Session, file: ConfigFile): void {
  session.diagnostics.push({
    level: "warning",
    message: "the file begins with a byte order mark (U+FEFF)",
    origin: file.origin({ line: 1, column: 1 }),
    remedy: "Save it as UTF-8 without one: the original mkosi refuses it.",
  });
}

/**
 * Whether something is at a path. What cannot be seen there, like a link to nothing, is reported: as the original
 * passes over links to nothing, they are a warning; what nobody may look at is an error.
 */
export function isThere(session: Session, path: string): boolean {
  if (existsSync(path)) return true;
  const why = whyUnseen(path);
  if (why !== undefined) {
    const isLink = why.startsWith("is a");
    session.diagnostics.push({
      level: isLink ? "warning" : "error",
      message: `this ${why}${isLink ? ", and is ignored" : ""}`,
      remedy: isLink ? "Remove it, or let it lead to what it should." : "Make it readable for this user, or remove it.",
      origin: { kind: "pickup", path },
    });
  }
  return false;
}

/** What `list` (namesIn or entriesIn) finds in a directory; one that cannot be read is reported and counts as empty. */
export function listDirectory<Entry>(
  session: Session,
  directory: string,
  list: (directory: string) => Entry[],
): Entry[] {
  try {
    return list(directory);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    session.diagnostics.push({ level: "error", message: error.message, remedy: error.remedy });
    return [];
  }
}

/** The text of a picked-up file, or what it prints when it is executable; line ends are `\n`. @throws {ValueError} */
export function runOrRead(session: Session, path: string): string {
  return textOf(session, path).replaceAll(/\r\n?/g, "\n");
}

function textOf(session: Session, path: string): string {
  if (isExecutable(path)) {
    try {
      return checkText(path, session.machine.runFile([path], dirname(path)));
    } catch (error) {
      if (error instanceof ValueError) throw error;
      throw new ValueError(
        `${path} could not be run to get its value: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const text = readText(path);
  if (text.startsWith("#!/")) {
    throw new ValueError(`${path} is a script that is not executable`, { remedy: `Run chmod +x ${path}` });
  }
  return text;
}

/** What value types get to see. */
export function parseContext(
  session: Session,
  directory: string,
  previous: unknown,
  warn: ParseContext["warn"],
): ParseContext {
  return {
    directory,
    environment: session.machine.environment,
    previous,
    warn,
    readSection(path, section, known) {
      const file = openConfigFile(session, path);
      if (file === undefined) throw new ValueError(`${path} cannot be read`);
      return readSectionOf(session.diagnostics, file, section, known);
    },
  };
}
