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
];

/** What has other versions than the one that was asked for: `bash=3`, `bash/sid`. */
const VERSIONS = /(Version|Release) '([^']*)' for '([^']+)' was not found/g;

/** The names in apt's complaints about packages that cannot be had, each once, in their order; with a version where only that is wrong. */
export function missingNames(output: string): string[] {
  const found = COMPLAINTS.flatMap((pattern) =>
    [...output.matchAll(pattern)].map((match) => ({ name: match[1] ?? "", at: match.index })),
  );
  const versions = [...output.matchAll(VERSIONS)].map(([, kind, version, name = ""], index, all) => ({
    name: `${name}${kind === "Version" ? "=" : "/"}${version}`,
    at: all[index]?.index ?? 0,
  }));
  return [...new Set([...found, ...versions].sort((a, b) => a.at - b.at).map(({ name }) => name))];
}

/**
 * The failure for requests that do not exist, undefined when apt did not complain about that.
 * @param look asks the repositories, only when it is needed
 */
export async function missingPackages(
  error: CommandFailure,
  context: PackageContext,
  requests: readonly PackageRequest[],
  look: RepositoryLook,
): Promise<Failure | undefined> {
  const names = missingNames(error.output);
  if (names.length === 0) return undefined;
  const all = await look.names();
  const present = new Set(all);
  const sentences = names.map((name) => {
    const request = requestFor(name, requests);
    const from =
      request?.setting === undefined
        ? ""
        : `, asked for by ${request.setting}=${request.origin === undefined ? "" : ` (${formatOrigin(request.origin)})`}`;
    const spec = request?.spec ?? name;
    const exists = present.has(nameOf(name));
    const what = exists ? `has no version that ${JSON.stringify(spec)} allows` : "does not exist";
    const near = exists ? [] : nearest(name, all);
    return `the package ${exists ? nameOf(spec) : spec} ${what} in ${describe(context)}${from}${near.length === 0 ? "" : `; similar: ${near.join(", ")}`}`;
  });
  const meant = names.map((name) => requestFor(name, requests));
  const first = requests.find((request) => meant.includes(request));
  if (first !== undefined && first.setting === undefined) {
    return new Failure(sentences.join("\n"), {
      origin: context.image.origin("localMirror") ?? context.image.origin("mirror") ?? context.image.origin("release"),
      remedy: "every system needs it: the mirror is incomplete, or not one of this distribution and release",
    });
  }
  const lacking = names.filter((name) => present.has(nameOf(name)));
  if (lacking.length === names.length) {
    return new Failure(sentences.join("\n"), {
      origin: first?.origin,
      remedy: versionRemedy(await look.versions(nameOf(names[0] ?? ""))),
    });
  }
  return new Failure(sentences.join("\n"), {
    origin: first?.origin,
    remedy:
      "correct the name, or add the repository that has it (for Debian: Repositories=contrib,non-free,non-free-firmware)",
  });
}

/** What the repositories can be asked for. */
export interface RepositoryLook {
  /** Names of all packages. */
  names(): Promise<readonly string[]>;
  /** What there is of a package: `5.2.37-2`, each once, the newest first. */
  versions(name: string): Promise<readonly string[]>;
}

function versionRemedy(versions: readonly string[]): string {
  return versions.length === 0 ? "correct the version" : `choose a version that it has: ${versions.join(", ")}`;
}

/** The request as it was written, or without what it says of versions. */
function requestFor(name: string, requests: readonly PackageRequest[]): PackageRequest | undefined {
  return (
    requests.find(({ spec }) => spec === name) ??
    requests.find(({ spec }) => nameOf(spec) === name) ??
    requests.find(({ spec }) => nameOf(spec) === nameOf(name))
  );
}

/** `bash=5.2`, `bash/trixie`, `bash:amd64` → `bash`. */
export function nameOf(spec: string): string {
  return /^[a-z0-9][a-z0-9+.-]*(?=[=/:])/i.exec(spec)?.[0] ?? spec;
}
