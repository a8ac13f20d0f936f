// Runs dnf or zypper for requests, and turns its failure into one for a person.

import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { explainFailure } from "./failures.ts";

export async function explained<T>(
  context: PackageContext,
  requests: readonly PackageRequest[],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof CommandFailure ? explainFailure(error, context, requests) : error;
  }
}
