// Recognises in apt's and dpkg's output what went wrong, and says it in one sentence with a remedy. What is not
// recognised stays the failure of the command, with the end of its output.

import { Failure } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext } from "../manager.ts";
import { notCached } from "../not-cached.ts";

interface Cause {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, context: PackageContext) => Failure;
}

/** In this order, as apt complains about the consequences of a cause, too. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /[^\n]*(?:NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|Missing key|Sub-process \S*sqv\S* returned an error)[^\n]*/,
    explain: (match, context) =>
      repositoryFailure(
        context,
        `the signature of ${/GPG error: (\S+)/.exec(match.input)?.[1] ?? firstUrl(context)} cannot be verified`,
        {
          excerpt: match[0].trim(),
          remedy:
            "update the keyring package of the distribution on the host, or check that Mirror= is a mirror of it (RepositoryKeyCheck=no trusts it without a signature)",
        },
      ),
  },
  {
    pattern: /Release file for (\S+) is expired/,
    explain: (match, context) =>
      repositoryFailure(context, `the metadata of ${match[1]} is past its date`, {
        remedy:
          "set another Mirror=, as this one is no longer brought up to date, or remove Acquire::Check-Valid-Until from the sandbox tree",
      }),
  },
  {
    pattern: /Release file for (\S+) is not valid yet/,
    explain: (match, context) =>
      repositoryFailure(context, `the metadata of ${match[1]} is from the future`, {
        remedy: "set this machine's clock",
      }),
  },
  {
    pattern: /Failed to fetch (\S+)\s+(?:Hash Sum mismatch|File has unexpected size)/,
    explain: (match, context) =>
      repositoryFailure(context, `the mirror is inconsistent: ${match[1]} is not what its index says`, {
        remedy: "it is probably being updated: try again in some minutes, or set another Mirror=",
      }),
  },
  {
    pattern: /You don't have enough free space in (\S+?)\.?\n|No space left on device|[Ww]rite error - write \(28/,
    explain: (match, context) =>
      new Failure(
        match[1] === undefined
          ? "the disk is full"
          : `there is not enough space for the packages in ${context.packageCache}`,
        {
          remedy: `make room in the package cache ${context.packageCache} and in the workspace, or move them with PackageCacheDirectory= and WorkspaceDirectory=`,
          excerpt: complaints(match.input),
        },
      ),
  },
  { pattern: /Failed to fetch (\S+)\s+(\d\d\d) +([^\n[]*)/, explain: (match, context) => refused(context, match) },
  {
    pattern: /Failed to fetch (\S+)\s+([^\n]+)/,
    explain: (match, context) =>
      repositoryFailure(context, `${match[1]} cannot be fetched: ${match[2]?.trim()}`, {
        remedy: "check the network connection and the proxy (ProxyUrl=), or set another Mirror=",
      }),
  },
  {
    pattern:
      /The repository '(\S+) (\S+) \S+' (?:is not signed|does not have a Release file|no longer has a Release file)/,
    explain: (match, context) =>
      repositoryFailure(context, `the repository ${match[1]} has no signed metadata of ${match[2]}`, {
        remedy: "check Release= and Mirror=; set RepositoryKeyCheck=no if you trust it nevertheless",
        excerpt: complaints(match.input),
      }),
  },
  {
    pattern: /Unable to fetch some archives/,
    explain: (match, context) => notCached(context, undefined, complaints(match.input)),
  },
  {
    pattern: /The following packages have unmet dependencies:\n((?: .*\n)+)/,
    explain: (match, context) =>
      new Failure(`the packages cannot be installed together in ${describe(context)}`, {
        origin: context.image.origin("packages"),
        excerpt: match[1]?.trimEnd(),
        remedy:
          "remove one of the packages that exclude each other, or add the repository that has what is missing (Repositories=)",
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
      new Failure(
        `the package ${match[1]?.replace(/:$/, "")} could not be ${/remove|purge/.test(match[2] ?? "") ? "removed" : "installed"}: ${match[3]}`,
        {
          excerpt: match.input.trimEnd().split("\n").slice(-15).join("\n"),
        },
      ),
  },
];

/** The failure that a person should see for a failed apt run; the run's own failure when its output tells nothing. */
export function explainFailure(error: CommandFailure, context: PackageContext): Failure {
  for (const { pattern, explain } of CAUSES) {
    const match = pattern.exec(error.output);
    if (match !== null) return explain(match, context);
  }
  return error;
}

/** How a context's repositories are called in messages: `debian trixie (main)`. */
export function describe(context: PackageContext): string {
  const components = [...new Set(context.repositories.flatMap((repository) => repository.components ?? []))];
  return `${context.image.config.distribution} ${context.image.config.release}${components.length === 0 ? "" : ` (${components.join(", ")})`}`;
}

/** The server answered, but does not have the file. */
function refused(context: PackageContext, match: RegExpExecArray): Failure {
  const [, url = firstUrl(context), status, reason = ""] = match;
  const answer = `${status} ${reason.trim()}`;
  if (url.endsWith(".deb")) {
    return repositoryFailure(context, `the mirror does not have the package that its index names: ${url}: ${answer}`, {
      remedy: "the metadata is out of date: build again without CacheOnly=, or set another Mirror=",
    });
  }
  return repositoryFailure(context, `the mirror has no repository there: ${url}: ${answer}`, {
    remedy: "check Release=, Repositories= and Mirror=: the mirror may not have this release or this architecture",
  });
}

function repositoryFailure(
  context: PackageContext,
  message: string,
  details: { readonly remedy: string; readonly excerpt?: string | undefined },
): Failure {
  const { image } = context;
  return new Failure(message, {
    origin: image.origin("localMirror") ?? image.origin("mirror") ?? image.origin("release"),
    ...details,
  });
}

function firstUrl(context: PackageContext): string {
  return context.repositories[0]?.url ?? "the repository";
}

/** The lines in which apt complains, without repetitions. */
function complaints(output: string): string | undefined {
  const lines = [...new Set(output.split("\n").filter((line) => /^(?:E|Err|Error|W|Warning):/.test(line)))];
  return lines.length === 0 ? undefined : lines.slice(-8).join("\n");
}
