// Runs pacman for requests, and turns its failure into one for a person.

import { Failure, formatOrigin } from "../../report/failure.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { nameInVersion, nearest } from "../nearest.ts";
import { describe, explainFailure, strangers } from "./failures.ts";

/** What is asked for only when something has gone wrong. */
export interface Looks {
  /** Names of all packages and groups. */
  names(): Promise<readonly string[]>;
  /** Downloaded packages that no known key has signed. */
  unverified(): Promise<readonly string[]>;
}

export const NO_LOOKS: Looks = { names: async () => [], unverified: async () => [] };

/**
 * Runs pacman for requests, and turns its failure into one for a person.
 */
export async function explained<T>(
  context: PackageContext,
  requests: readonly PackageRequest[],
  look: Looks,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const missing = [...error.output.matchAll(/error: target not found: (\S+)/g)].map((match) => match[1] ?? "");
    if (missing.length > 0) throw await missingPackages(context, requests, [...new Set(missing)], look.names);
    const failure = explainFailure(error, context);
    if (!/required key missing from keyring/.test(error.output)) throw failure;
    const files = await look.unverified();
    throw files.length === 0 ? failure : strangers(context, files, error.output);
  }
}

async function missingPackages(
  context: PackageContext,
  requests: readonly PackageRequest[],
  names: readonly string[],
  known: () => Promise<readonly string[]>,
): Promise<Failure> {
  const all = await known();
  const sentences = names.map((name) => {
    const request = requests.find(({ spec }) => spec === name);
    const from =
      request?.setting === undefined
        ? ""
        : `, asked for by ${request.setting}=${request.origin === undefined ? "" : ` (${formatOrigin(request.origin)})`}`;
    const versioned = nameInVersion(name, all);
    if (versioned !== undefined)
      return `the package ${versioned} has no version that "${name}" allows in ${describe(context)}${from}`;
    const near = nearest(name, all);
    return `the package ${name} does not exist in ${describe(context)}${from}${near.length === 0 ? "" : `; similar: ${near.join(", ")}`}`;
  });
  return new Failure(sentences.join("\n"), {
    origin: requests.find(({ spec }) => names.includes(spec))?.origin ?? context.image.origin("mirror"),
    remedy: names.every((name) => nameInVersion(name, all) !== undefined)
      ? "correct the version"
      : "correct the name, or add the repository that has it (Repositories=multilib, …)",
  });
}
