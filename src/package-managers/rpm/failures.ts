// Recognises in the output of dnf and zypper what went wrong, and says it in one sentence with a remedy. What is not
// recognised stays the failure of the command, with the end of its output.

import { Failure } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import { unreadableFile } from "../given-files.ts";
import { damagedPackage } from "../local-packages.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";
import { notCached } from "../not-cached.ts";
import { describe, enabledRepositories, places } from "./layout.ts";
import { missingPackages } from "./missing.ts";

interface Cause {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, context: PackageContext) => Failure;
}

const DAMAGED = "it is probably being updated: try again in some minutes, or set another Mirror=";
const UNSIGNED =
  "check that Mirror= is a mirror of this distribution; RepositoryKeyCheck=no trusts what has no signature, and a package of your own belongs into PackageDirectories=";
const UNTRUSTED =
  "update distribution-gpg-keys on the host or in the tools tree, or check that Mirror= is a mirror of this distribution (RepositoryKeyCheck=no trusts it without a signature)";

/** In this order, as the programs complain about the consequences of a cause, too. */
const CAUSES: readonly Cause[] = [
  {
    // First, as programs complain about signatures and downloads, too, when there is no room for them.
    pattern: /No space left on device|[Nn]ot enough (?:free )?(?:disk )?space|needs \d+\S* more space/,
    explain: ({ input }, context) =>
      new Failure("there is not enough space for the packages", {
        excerpt: complaints(input),
        remedy: `make room in the package cache ${context.packageCache} and in the workspace, or move them with PackageCacheDirectory= and WorkspaceDirectory=`,
      }),
  },
  {
    // dnf5
    pattern: /OpenPGP check for package "([^"]+)" \([^)]*\) from repo "([^"]+)" has failed: ([^\n]+)/,
    explain: ([, name, repository, reason], context) =>
      untrusted(context, `the package ${name} of the repository ${repository}`, reason),
  },
  {
    // dnf 4
    pattern: /(?:Public key for (\S+)\.rpm is not installed|Package (\S+)\.rpm is not signed)/,
    explain: (match, context) =>
      untrusted(
        context,
        `the package ${match[1] ?? match[2]}`,
        match[2] === undefined ? "it is signed with another key" : "it is not signed",
      ),
  },
  {
    // zypper
    pattern:
      /(?:Package )?(\S+?)(?:\.rpm)? ?\(?[^\n]*?(?:Signature verification failed|failed signature verification|is not signed)/,
    explain: ({ input }, context) => {
      const name =
        /(?:^|[\s/'])([\w.+-]+-[\w.+~^]+-[\w.+~^]+\.(?:x86_64|noarch|aarch64|\w+))(?:\.rpm)?[^\n]*(?:[Ss]ignature verification|not signed)/.exec(
          input,
        )?.[1];
      const repository = /(?:^|\n)\[([^|\]\n]+)\|[^\]\n]*\] Failed to retrieve|from repository '([^'\n]+)'/.exec(input);
      const what =
        name !== undefined
          ? `the package ${name}`
          : `the metadata of the repository ${repository?.[1] ?? repository?.[2] ?? places(context)}`;
      return untrusted(context, what, complaints(input));
    },
  },
  {
    pattern:
      /Cannot download ([^\s:]+\.rpm)|Preloading: (\S+\.rpm) \[[^\]]*(?:error|[Ff]ailed|not found|refused|time.?out)|Digest verification failed for file '([^']+)'|Failed to provide [Pp]ackage (\S+)|Media source '([^']+)' does not contain|File '([^']+\.rpm)' not found on medium/,
    explain: (match, context) => {
      const [, ...names] = match;
      const name = names
        .find((candidate) => candidate !== undefined)
        ?.split("/")
        .at(-1);
      if (context.image.config.cacheOnly === "always") return notCached(context, `the package ${name}`);
      return repositoryFailure(
        context,
        `the package ${name} of ${repositoryIn(match.input, context)} cannot be downloaded`,
        {
          excerpt: complaints(match.input),
          remedy: DAMAGED,
        },
      );
    },
  },
  {
    pattern: /Failed to download metadata \((?:\w+): "([^"]+)"\) for repository "([^"]+)": ([^\n]+)/,
    explain: ([, url, repository, reason = ""], context) => unreachable(context, { url, repository, reason }),
  },
  {
    pattern: /Failed to download metadata for repo '([^']+)': ([^\n]+)/,
    explain: ([, repository, reason = ""], context) => unreachable(context, { url: undefined, repository, reason }),
  },
  {
    pattern: /\[([^|\]\n]+)\|([^\]\n]+)\] (?:Failed to retrieve new repository metadata|Valid metadata not found)/,
    explain: ([, repository, url], context) => unreachable(context, { url, repository, reason: "" }),
  },
  {
    pattern: /Cache-only enabled but no cache for repository|in cache only mode|download is not allowed/i,
    explain: ({ input }, context) => notCached(context, undefined, complaints(input)),
  },
  {
    pattern: /(?:^|\n) ?Problem(?: \d+)?: [\s\S]*/,
    explain: ([problems], context) =>
      new Failure(`the packages cannot be installed together in ${describe(context)}`, {
        origin: context.image.origin("packages"),
        excerpt: problems.trim().split("\n").slice(0, 12).join("\n"),
        remedy:
          "remove one of the packages that exclude each other, or add the repository that has what is missing (Repositories=)",
      }),
  },
  {
    pattern:
      /(?:Error in|error: ?)? ?(%?\w+ scriptlet|\S+ scriptlet)[^\n]*?(?:in package|for package|package) "?([^\s"]+)"?[^\n]*/,
    explain: ([line, , name], _context) =>
      new Failure(`a script of the package ${name} has failed`, {
        excerpt: line.trim(),
        remedy: "the log has what it said; a skeleton tree may lack what it expects",
      }),
  },
];

/** The failure of a command, as a person can use it. @param known names of packages that there are */
export function explainFailure(
  error: CommandFailure,
  context: PackageContext,
  requests: readonly PackageRequest[],
  known: readonly string[],
): Failure {
  const unreadable = unreadableFile(error.output, requests) ?? damagedPackage(error.output, context);
  if (unreadable !== undefined) return unreadable;
  const missing = missingPackages(error.output, context, requests, known);
  if (missing !== undefined) return missing;
  for (const { pattern, explain } of CAUSES) {
    const match = pattern.exec(error.output);
    if (match !== null) return explain(match, context);
  }
  return error;
}

/** The repository that an address in a text belongs to, or else all of them. */
function repositoryIn(text: string, context: PackageContext): string {
  const found = enabledRepositories(context).filter(({ url }) => text.includes(`${url}/`));
  return found.length === 1 && found[0] !== undefined ? `the repository ${found[0].id}` : places(context);
}

function untrusted(context: PackageContext, what: string, reason: string | undefined): Failure {
  const isUnsigned = /not signed|no signature|unsigned/i.test(reason ?? "");
  return repositoryFailure(
    context,
    isUnsigned ? `${what} is not signed` : `the signature of ${what} cannot be verified`,
    { excerpt: reason, remedy: isUnsigned ? UNSIGNED : UNTRUSTED },
  );
}

interface Unreachable {
  readonly url: string | undefined;
  readonly repository: string | undefined;
  readonly reason: string;
}

function unreachable(context: PackageContext, { url, repository, reason }: Unreachable): Failure {
  const address = url ?? context.repositories.find(({ id }) => id === repository)?.url;
  return repositoryFailure(
    context,
    `the repository ${repository} cannot be had${address === undefined ? "" : ` from ${address}`}${reason === "" ? "" : `: ${reason}`}`,
    {
      remedy:
        "check the network connection, Release=, Mirror= and the proxy (ProxyUrl=), or set another Mirror=; CacheOnly=metadata uses what was fetched before",
    },
  );
}

function repositoryFailure(
  context: PackageContext,
  message: string,
  details: { readonly excerpt?: string | undefined; readonly remedy: string },
): Failure {
  const { image } = context;
  return new Failure(message, {
    origin:
      image.origin("localMirror") ?? image.origin("mirror") ?? image.origin("snapshot") ?? image.origin("release"),
    ...details,
  });
}

/** The lines that say what is wrong, each once; progress is not among them. */
function complaints(output: string): string | undefined {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    // zypper explains at length what signatures are for
    .filter((line) => !line.startsWith("Note:"))
    .filter((line) =>
      /^>>> (?!Already|Interrupted)|error(?!\])|warning: .*(?:failed|sign)|expected|but got|fail|verif/i.test(line),
    );
  const unique = [...new Set(lines)];
  return unique.length === 0 ? undefined : unique.slice(0, 8).join("\n");
}
