// Packages that do not exist: which ones, who asked for them, and what they may have been meant to be.

import { Failure, formatOrigin } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { nearest } from "../nearest.ts";
import { describe } from "./failures.ts";

const COMPLAINTS: readonly RegExp[] = [
  /Unable to locate package (\S+)/g,
  /Package '?(\S+?)'? has no installation candidate/g,
  /Couldn't find any package by (?:glob|regex|task|pattern) '([^']+)'/g,
  /(?:Version|Release) '[^']*' for '([^']+)' was not found/g,
];

/** The names in apt's complaints about packages that cannot be had, each once, in their order. */
export function missingNames(output: string): string[] {
  const found = COMPLAINTS.flatMap((pattern) =>
    [...output.matchAll(pattern)].map((match) => ({ name: match[1] ?? "", at: match.index })),
  );
  return [...new Set(found.sort((a, b) => a.at - b.at).map(({ name }) => name))];
}

/**
 * The failure for requests that do not exist, undefined when apt did not complain about that.
 * @param known names of all packages in the repositories, asked for only when they are needed
 */
export async function missingPackages(
  error: CommandFailure,
  context: PackageContext,
  requests: readonly PackageRequest[],
  known: () => Promise<readonly string[]>,
): Promise<Failure | undefined> {
  const names = missingNames(error.output);
  if (names.length === 0) return undefined;
  const all = await known();
  const present = new Set(all);
  const sentences = names.map((name) => {
    const request = requests.find(({ spec }) => spec === name) ?? requests.find(({ spec }) => nameOf(spec) === name);
    const from =
      request?.setting === undefined
        ? ""
        : `, asked for by ${request.setting}=${request.origin === undefined ? "" : ` (${formatOrigin(request.origin)})`}`;
    const spec = request?.spec ?? name;
    const what = present.has(name) ? `has no version that ${JSON.stringify(spec)} allows` : "does not exist";
    const near = present.has(name) ? [] : nearest(name, all);
    return `the package ${spec} ${what} in ${describe(context)}${from}${near.length === 0 ? "" : `; similar: ${near.join(", ")}`}`;
  });
  const first = requests.find(({ spec }) => names.includes(spec) || names.includes(nameOf(spec)));
  if (first !== undefined && first.setting === undefined) {
    return new Failure(sentences.join("\n"), {
      origin: context.image.origin("localMirror") ?? context.image.origin("mirror") ?? context.image.origin("release"),
      remedy: "every system needs it: the mirror is incomplete, or not one of this distribution and release",
    });
  }
  return new Failure(sentences.join("\n"), {
    origin: first?.origin,
    remedy:
      "correct the name, or add the repository that has it (for Debian: Repositories=contrib,non-free,non-free-firmware)",
  });
}

/** `bash=5.2`, `bash/trixie`, `bash:amd64` → `bash`. */
export function nameOf(spec: string): string {
  return /^[a-z0-9][a-z0-9+.-]*(?=[=/:])/i.exec(spec)?.[0] ?? spec;
}
