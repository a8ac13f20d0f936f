// Runs dnf or zypper for requests, and turns its failure into one for a person.

import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { explainFailure } from "./failures.ts";
import { missingNames } from "./missing.ts";

/** @param known names of all packages in the repositories; asked for when one does not exist */
export async function explained<T>(
  context: PackageContext,
  requests: readonly PackageRequest[],
  run: () => Promise<T>,
  known: () => Promise<readonly string[]> = async () => [],
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // without them the message is only shorter
    const names = missingNames(error.output).length === 0 ? [] : await known().catch(() => []);
    throw explainFailure(error, context, requests, names);
  }
}
