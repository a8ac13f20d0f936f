// What is wrong with a project as the protocol has it: for each file the places, with what to do about them.

import { pathToFileURL } from "node:url";
import { DiagnosticSeverity, type Range, type Diagnostic as Shown } from "vscode-languageserver/node";
import type { Diagnostic } from "../config/diagnostics.ts";
import { splitLines } from "../config/ini.ts";
import { isFile } from "../settings/types/files.ts";
import type { LoadedProject } from "./projects.ts";
import type { OpenTexts } from "./texts.ts";

/** A diagnostic of a file, with the text from its place to the end of the line. */
export interface Placed {
  readonly diagnostic: Diagnostic;
  readonly range: Range;
  readonly text: string;
}

/** What is told of each file, by its path. What is in no file is told at the project's mkosi.conf, if it has one. */
export function placeDiagnostics(
  { root, project, diagnostics }: LoadedProject,
  texts: OpenTexts,
): Map<string, Placed[]> {
  const main = `${project.configDirectory ?? root}/mkosi.conf`;
  const lines = new Map<string, readonly string[]>();
  const linesOf = (path: string): readonly string[] => {
    const known = lines.get(path) ?? splitLines(texts.read(path) ?? "");
    lines.set(path, known);
    return known;
  };
  const byFile = new Map<string, Placed[]>();
  for (const diagnostic of diagnostics) {
    const { origin } = diagnostic;
    const named = texts.nameOf(origin === undefined || origin.kind === "option" ? main : origin.path);
    const path = isFile(named) || texts.get(named) !== undefined ? named : main;
    const [line, column] = origin?.kind === "file" ? [origin.line - 1, origin.column - 1] : [0, 0];
    const all = linesOf(path);
    if (path === main && all.length === 0 && !isFile(main)) continue;
    const text = (all[line] ?? "").slice(column);
    const range = { start: { line, character: column }, end: { line, character: column + lengthOf(text) } };
    byFile.set(path, [...(byFile.get(path) ?? []), { diagnostic, range, text }]);
  }
  return byFile;
}

/** How much of a line a diagnostic is about: a section, a setting's name, or an element of a value. */
function lengthOf(text: string): number {
  const token = /^\[[^\]]*\]/.exec(text) ?? /^[@\w]+(?=\s*=)/.exec(text) ?? /^[^\s,#]+/.exec(text);
  return token?.[0].length ?? Math.min(text.length, 1);
}

export function shown({ diagnostic, range }: Placed): Shown {
  const { level, message, remedy } = diagnostic;
  return {
    range,
    severity: level === "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    source: "mkosi",
    message: remedy === undefined ? message : `${message}\n${remedy}`,
  };
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
