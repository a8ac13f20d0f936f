// What is wrong with a configuration, as data. All problems of a project are collected and told together.

import { Failure, formatOrigin, type Origin } from "../report/failure.ts";
import type { Project } from "./project.ts";

export interface Diagnostic {
  readonly level: "error" | "warning";
  readonly message: string;
  readonly origin?: Origin | undefined;
  readonly remedy?: string | undefined;
  /** The line it is about with a caret below. */
  readonly excerpt?: string | undefined;
  /** Whether --strict makes an error of the warning. */
  readonly strict?: boolean;
}

/** One or more errors in a configuration. */
export class ConfigurationFailure extends Failure {
  readonly diagnostics: readonly Diagnostic[];
  /** What could be read all the same, for further checks; wrong assignments are left out. */
  readonly project: Project;

  constructor(diagnostics: readonly Diagnostic[], project: Project) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.level === "error");
    const first = errors[0];
    const single = errors.length === 1 && first !== undefined;
    super(
      single ? first.message : `the configuration has ${errors.length} errors`,
      single
        ? { origin: first.origin, remedy: first.remedy, excerpt: first.excerpt }
        : { excerpt: errors.map(formatDiagnostic).join("\n") },
    );
    this.diagnostics = diagnostics;
    this.project = project;
  }
}

/** A diagnostic as lines of text: place and message, the line with the caret, what to do. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = diagnostic.origin === undefined ? "" : `${formatOrigin(diagnostic.origin)}: `;
  const lines = [`${place}${diagnostic.message}`];
  if (diagnostic.excerpt !== undefined) lines.push(...diagnostic.excerpt.split("\n").map((line) => `  ${line}`));
  if (diagnostic.remedy !== undefined) lines.push(`  ${diagnostic.remedy}`);
  return lines.join("\n");
}

/** File by file, in the order in which they were first named, and from top to bottom in each. */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const pathOf = ({ origin }: Diagnostic): string => (origin?.kind === "file" ? origin.path : "");
  const paths = [...new Set(diagnostics.map(pathOf))];
  const place = ({ origin }: Diagnostic): [number, number] =>
    origin?.kind === "file" ? [origin.line, origin.column] : [0, 0];
  return diagnostics.toSorted((left, right) => {
    const [[leftLine, leftColumn], [rightLine, rightColumn]] = [place(left), place(right)];
    return (
      paths.indexOf(pathOf(left)) - paths.indexOf(pathOf(right)) || leftLine - rightLine || leftColumn - rightColumn
    );
  });
}

const MAX_WIDTH = 100;

/** A line of a file and below it a caret under the column (from 1). Long lines are cut around it. */
export function excerptOf(line: string, column: number): string {
  const visible = line.replaceAll("\t", " ").replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "�");
  const start = column > MAX_WIDTH - 20 ? column - 40 : 0;
  const shown = visible.slice(start, start + MAX_WIDTH);
  return `${shown}\n${" ".repeat(Math.max(0, column - 1 - start))}^`;
}
