// What the project's partition definitions say, as far as it must be known before systemd-repart reads them.

import { readFileSync } from "node:fs";
import { definitionsOf } from "../tools/definition-files.ts";

export interface DefinedValue {
  readonly value: string;
  /** The file that has it, and the line from 1. */
  readonly path: string;
  readonly line: number;
}

/** The values of a setting, at most one for each definition: with its drop-ins the last one holds. */
export function definedValues(directories: readonly string[], name: string): readonly DefinedValue[] {
  const assignment = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t\\r]*$`);
  const valuesIn = (path: string): DefinedValue[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((text, index) => {
        const value = assignment.exec(text)?.[1];
        return value === undefined ? [] : [{ value, path, line: index + 1 }];
      });
  return definitionsOf(directories).flatMap((paths) => paths.flatMap(valuesIn).slice(-1));
}
