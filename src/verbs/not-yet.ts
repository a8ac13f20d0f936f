// Options that are understood but that nothing honours yet: they are refused by name instead of ignored.

import type { Arguments } from "../cli/arguments.ts";
import { Failure } from "../report/failure.ts";

const NOT_YET: readonly (readonly [keyof Arguments, string])[] = [
  ["debugShell", "--debug-shell"],
  ["debugSandbox", "--debug-sandbox"],
  ["debugWorkspace", "--debug-workspace"],
];

/** @throws {Failure} naming an option that this version does not have yet */
export function refuseMissingOptions(args: Arguments): void {
  const found = NOT_YET.find(([flag]) => args[flag] === true);
  if (found === undefined) return;
  throw new Failure(`this version does not have ${found[1]} yet`, { remedy: "Leave it out." });
}
