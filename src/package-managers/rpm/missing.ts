// Packages that do not exist: which ones, and who asked for them.

import { Failure, formatOrigin } from "../../report/failure.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { nameInVersion, nearest } from "../nearest.ts";
import { describe } from "./layout.ts";

const COMPLAINTS: readonly RegExp[] = [
  /No match for (?:group )?argument: (\S+)/g,
  /Unable to find a match: ([^\n]+)/g,
  /No match for group package "([^"]+)"/g,
  /Module or Group '([^']+)' is not available/g,
  /No provider of '([^']+)' found/g,
  /Package '([^']+)' not found/g,
  /No packages? found matching '([^']+)'/gi,
];

/** The names in complaints about packages that cannot be had, each once, in their order. */
export function missingNames(output: string): string[] {
  const found = COMPLAINTS.flatMap((pattern) =>
    [...output.matchAll(pattern)].flatMap((match) =>
      (match[1] ?? "").split(" ").map((name) => ({ name, at: match.index })),
    ),
  );
  return [...new Set(found.sort((a, b) => a.at - b.at).map(({ name }) => name))].filter((name) => name !== "");
}

/**
 * The failure for requests that do not exist, undefined when nothing was said about that.
 * @param known names of all packages in the repositories
 */
export function missingPackages(
  output: string,
  context: PackageContext,
  requests: readonly PackageRequest[],
  known: readonly string[],
): Failure | undefined {
  const names = missingNames(output);
  if (names.length === 0) return undefined;
  const asked = names.map((name) => ({ name, request: requestFor(name, requests) }));
  const sentences = asked.map(({ name, request }) => {
    const from =
      request?.setting === undefined
        ? ""
        : `, asked for by ${request.setting}=${request.origin === undefined ? "" : ` (${formatOrigin(request.origin)})`}`;
    const spec = request?.spec ?? name;
    const versioned = nameInVersion(spec, known);
    if (versioned !== undefined)
      return `the package ${versioned} has no version that "${spec}" allows in ${describe(context)}${from}`;
    const near = nearest(spec, known);
    const similar = near.length === 0 ? "" : `; similar: ${near.join(", ")}`;
    return `the package ${spec} does not exist in ${describe(context)}${from}${similar}`;
  });
  const isVersion = asked.every(({ name, request }) => nameInVersion(request?.spec ?? name, known) !== undefined);
  const first = asked.find(({ request }) => request !== undefined)?.request;
  if (first !== undefined && first.setting === undefined) {
    return new Failure(sentences.join("\n"), {
      origin: context.image.origin("localMirror") ?? context.image.origin("mirror") ?? context.image.origin("release"),
      remedy: "every system needs it: the mirror is incomplete, or not one of this distribution and release",
    });
  }
  return new Failure(sentences.join("\n"), {
    origin: first?.origin,
    remedy: isVersion ? "correct the version" : "correct the name, or add the repository that has it (Repositories=)",
  });
}

/** dnf does not say the `@` of a group. */
function requestFor(name: string, requests: readonly PackageRequest[]): PackageRequest | undefined {
  return requests.find(({ spec }) => spec === name) ?? requests.find(({ spec }) => spec === `@${name}`);
}
