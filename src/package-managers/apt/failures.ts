// Recognises in apt's and dpkg's output what went wrong, and says it in one sentence with a remedy. What is not
// recognised stays the failure of the command, with the end of its output.

import { Failure } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext } from "../manager.ts";

interface Cause {
  readonly pattern: RegExp;
  /** Makes the failure from the match, the repository's URL as far as the message has one, and the context. */
  readonly explain: (match: RegExpExecArray, context: PackageContext) => Failure;
}

const CAUSES: readonly Cause[] = [
  {
    pattern: /(?:NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|Missing key|Sub-process sqv returned an error)[^\n]*/,
    explain: (match, context) =>
      repositoryFailure(context, `the signature of the repository ${repositoryNear(match) ?? firstUrl(context)} cannot be verified: ${match[0].trim()}`, {
        remedy: "update the keyring package of the distribution on the host, or check that Mirror= is a mirror of it (RepositoryKeyCheck=no trusts it without a signature)",
      }),
  },
  {
    pattern: /The repository '([^']+)' is not signed/,
    explain: (match, context) =>
      repositoryFailure(context, `the repository ${match[1]} is not signed`, {
        remedy: "set RepositoryKeyCheck=no if you trust it nevertheless",
      }),
  },
  {
    pattern: /The repository '([^']+)' (?:does not have|no longer has) a Release file/,
    explain: (match, context) => noRelease(context, match[1] ?? firstUrl(context), match.input),
  },
  {
    pattern: /Release file for (\S+) is not valid yet/,
    explain: (match, context) =>
      repositoryFailure(context, `the metadata of ${match[1]} is from the future`, { remedy: "set this machine's clock" }),
  },
  {
    pattern: /(?:Hash Sum mismatch|File has unexpected size)/,
    explain: (match, context) =>
      repositoryFailure(context, `the mirror ${repositoryNear(match) ?? firstUrl(context)} is inconsistent: a file is not what its index says`, {
        remedy: "it is probably being updated: try again in some minutes, or set another Mirror=",
      }),
  },
  {
    pattern: /You don't have enough free space in (\S+?)\.?\n|No space left on device|Write error - write \(28/,
    explain: (match, context) =>
      new Failure(match[1] === undefined ? "the disk is full" : `there is not enough space for the packages in ${context.packageCache}`, {
        remedy: `make room in the package cache ${context.packageCache} and in the workspace, or move them with PackageCacheDirectory= and WorkspaceDirectory=`,
        excerpt: errorLines(match.input),
      }),
  },
  {
    pattern: /Failed to fetch (\S+)\s+([^\n]+)|Could not resolve '([^']+)'|(?:Could not|Unable to) connect to ([^\s:]+)/,
    explain: (match, context) => unreachable(context, match),
  },
  {
    pattern: /The following packages have unmet dependencies:\n((?: .*\n)+)/,
    explain: (match, context) =>
      new Failure(`the packages cannot be installed together in ${describe(context)}`, {
        origin: context.image.origin("packages"),
        excerpt: match[1]?.trimEnd(),
        remedy: "remove one of the packages that exclude each other, or add the repository that has what is missing (Repositories=)",
      }),
  },
  {
    pattern: /Unsupported file (\S+) given on commandline/,
    explain: (match, context) =>
      new Failure(`${match[1]} is not a package that apt can install from inside its sandbox`, {
        origin: context.image.origin("packages", match[1]),
        remedy: "give the package's name in Packages= and the directory with its file in PackageDirectories=",
      }),
  },
  {
    pattern: /dpkg: error processing (?:package|archive) (\S+) \(([^)]+)\):\n\s*([^\n]+)/,
    explain: (match) =>
      new Failure(`the package ${match[1]?.replace(/:$/, "")} could not be installed: ${match[3]}`, {
        excerpt: match.input.trimEnd().split("\n").slice(-15).join("\n"),
      }),
  },
];

/** The failure that a person should see for a failed apt run. */
export function explainFailure(error: CommandFailure, context: PackageContext): Failure {
  for (const { pattern, explain } of CAUSES) {
    const match = pattern.exec(error.output);
    if (match !== null) return explain(match, context);
  }
  return error;
}

/** How a context's repositories are called in messages: `Debian trixie (main)`. */
export function describe(context: PackageContext): string {
  const components = [...new Set(context.repositories.flatMap((repository) => repository.components ?? []))];
  return `${context.image.config.distribution} ${context.image.config.release}${components.length === 0 ? "" : ` (${components.join(", ")})`}`;
}

function unreachable(context: PackageContext, match: RegExpExecArray): Failure {
  const [, url, reason, unresolved, unconnected] = match;
  if (reason !== undefined && /^404/.test(reason)) return noRelease(context, url ?? firstUrl(context), match.input);
  const host = unresolved ?? unconnected ?? url ?? firstUrl(context);
  const why = reason === undefined ? (unresolved === undefined ? "no connection" : "its name cannot be resolved") : reason.replace(/\s*\[.*$/, "");
  return repositoryFailure(context, `the mirror ${host} cannot be reached: ${why}`, {
    remedy: "check the network connection and the proxy (ProxyUrl=), or set another Mirror=",
  });
}

function noRelease(context: PackageContext, repository: string, output: string): Failure {
  const release = context.image.origin("release");
  // without a Release file either the release or the mirror is wrong; other reasons stand in the line before
  const network = /(?:Err|Ign):\d+ [^\n]*\n\s+((?:Could not|Cannot|Connection|Temporary|Unable)[^\n]*)/.exec(output);
  if (network !== null) {
    return repositoryFailure(context, `the mirror ${repository} cannot be reached: ${network[1]}`, {
      remedy: "check the network connection and the proxy (ProxyUrl=), or set another Mirror=",
    });
  }
  return new Failure(`the repository ${repository} does not exist`, {
    origin: context.image.origin("mirror") ?? release,
    remedy: "check Release= and Mirror=: the mirror may not have this release or this architecture",
    excerpt: errorLines(output),
  });
}

function repositoryFailure(context: PackageContext, message: string, details: { readonly remedy: string }): Failure {
  const origin = context.image.origin("localMirror") ?? context.image.origin("mirror") ?? context.image.origin("release");
  return new Failure(message, { origin, remedy: details.remedy });
}

/** apt names the repository in the same line or the one before: `W: GPG error: http://… trixie InRelease: The following …`. */
function repositoryNear(match: RegExpExecArray): string | undefined {
  const before = match.input.slice(0, match.index + match[0].length);
  return [...before.matchAll(/(?:GPG error: |Failed to fetch |The repository ')?(https?:\/\/\S+|file:\S+)/g)].at(-1)?.[1]?.replace(/[:']$/, "");
}

function firstUrl(context: PackageContext): string {
  return context.repositories[0]?.url ?? "of the distribution";
}

/** The lines in which apt complains, without repetitions. */
function errorLines(output: string): string | undefined {
  const lines = [...new Set(output.split("\n").filter((line) => /^(?:E|Err|Error|W|Warning):/.test(line)))];
  return lines.length === 0 ? undefined : lines.slice(-8).join("\n");
}
