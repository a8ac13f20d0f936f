// Recognises in pacman's output what went wrong, and says it in one sentence with a remedy. What is not recognised stays
// the failure of the command, with the end of its output.

import { Failure } from "../../report/failure.ts";
import type { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext } from "../manager.ts";
import { notCached } from "../not-cached.ts";

/** Servers that do not answer, or answer with an error of their own; files that were damaged on the way. */
const PASSING =
  /failed retrieving file [^\n]*(?:returned error: 5\d\d|returned error: 429|timed? ?out|too slow|[Cc]ould ?n.t connect|[Cc]onnection|[Rr]ecv failure|Empty reply|bytes (?:remaining|missing)|Stream error)|is corrupted \(invalid or corrupted package|(?:Unrecognized archive format|Truncated|damaged)/;

/** Whether another attempt may succeed. */
export function isPassing(output: string): boolean {
  return PASSING.test(output);
}

/** What pacman says of signatures: unknown keys, keys that are not trusted, none at all. */
const SIGNATURE =
  /error: ([^\s:]+): (?:key "[^"]*" is (?:unknown|disabled|expired)|signature from "[^"]*" is (?:unknown trust|marginal trust|invalid|expired)|missing required signature)|required key missing from keyring|key "([^"]*)" (?:is unknown|could not be (?:looked up|imported))/;

/** Whether a download has failed because of a package's signature. */
export function isUnverified(output: string): boolean {
  return SIGNATURE.test(output) || MISSING_SIGNATURE.test(output);
}

const MISSING_SIGNATURE = /failed retrieving file '([^']+)\.sig' from \S+ : [^\n]*returned error: 404/;

const KEYS_REMEDY =
  "update archlinux-keyring on the host or in the tools tree, or check that Mirror= is a mirror of the distribution (RepositoryKeyCheck=no trusts packages without a signature)";

interface Cause {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, context: PackageContext) => Failure;
}

const CAUSES: readonly Cause[] = [
  {
    pattern: /No space left on device|not enough free disk space/,
    explain: ({ input }, context) =>
      new Failure("the disk is full", {
        remedy: `make room in the package cache ${context.packageCache} and in the workspace, or move them with PackageCacheDirectory= and WorkspaceDirectory=`,
        excerpt: complaints(input),
      }),
  },
  {
    pattern: SIGNATURE,
    explain: (match, context) =>
      repositoryFailure(context, `${signed(match)} cannot be verified in ${describe(context)}`, {
        excerpt: complaints(match.input),
        remedy: KEYS_REMEDY,
      }),
  },
  {
    pattern: MISSING_SIGNATURE,
    explain: (match, context) =>
      repositoryFailure(context, `the package ${match[1]} has no signature in ${describe(context)}`, {
        excerpt: complaints(match.input),
        remedy:
          "check that Mirror= is a mirror of the distribution (RepositoryKeyCheck=no trusts packages without a signature)",
      }),
  },
  {
    pattern: /File (\S+) is corrupted \(([^)]*\)?)\)/,
    explain: (match, context) =>
      repositoryFailure(
        context,
        `the package ${match[1]?.split("/").at(-1)} of ${describe(context)} is not what its repository says: ${match[2]}`,
        {
          excerpt: complaints(match.input),
          remedy: "the mirror is damaged, or is being updated: try again in some minutes, or set another Mirror=",
        },
      ),
  },
  {
    pattern: /failed retrieving file '([^']+)' from (\S+) : ([^\n]+)/,
    explain: (match, context) => unreachable(context, match),
  },
  {
    pattern: /database file for '([^']+)' does not exist|could not open file \S*\/sync\/(\S+?)\.db\S*: ([^\n]*)/,
    explain: (match, context) =>
      repositoryFailure(context, `the database of the repository ${match[1] ?? match[2]} cannot be read`, {
        excerpt: complaints(match.input),
        remedy: "build again without CacheOnly=, or set another Mirror=",
      }),
  },
  {
    pattern: /unable to satisfy dependency '([^']+)' required by (\S+)|breaks dependency '([^']+)' required by (\S+)/,
    explain: (match, context) =>
      new Failure(
        `the package ${match[2] ?? match[4]} needs ${match[1] ?? match[3]}, which ${match[1] === undefined ? "would be removed" : `nothing in ${describe(context)} provides`}`,
        {
          origin: context.image.origin(match[1] === undefined ? "removePackages" : "packages"),
          excerpt: complaints(match.input),
          remedy:
            match[1] === undefined
              ? "remove that package, too, or keep both (RemovePackages=)"
              : "add the repository that has it (Repositories=), or remove the package",
        },
      ),
  },
  {
    pattern: /(\S+) and (\S+) are in conflict|unresolvable package conflicts/,
    explain: (match, context) =>
      new Failure(`the packages cannot be installed together in ${describe(context)}`, {
        origin: context.image.origin("packages"),
        excerpt: complaints(match.input),
        remedy: "remove one of the packages that exclude each other",
      }),
  },
  {
    pattern: /^(\S+): (\/\S+) exists in (?:both|filesystem)/m,
    explain: (match, context) =>
      new Failure(
        `the package ${match[1]} has a file that is in the tree already: ${match[2]?.replace("/buildroot", "")}`,
        {
          origin: context.image.origin("skeletonTrees"),
          excerpt: complaints(match.input),
          remedy: "move it from the skeleton tree to an extra tree (ExtraTrees=), or remove one of the two packages",
        },
      ),
  },
  {
    pattern: /error: command failed to execute correctly/,
    explain: ({ input }) =>
      new Failure("a script of a package has failed", { excerpt: input.trimEnd().split("\n").slice(-15).join("\n") }),
  },
];

/** How a context's repositories are called in messages: `arch rolling (core, extra)`. */
export function describe({ image, repositories }: PackageContext): string {
  return `${image.config.distribution} ${image.config.release} (${repositories.map(({ id }) => id).join(", ")})`;
}

function signed(match: RegExpExecArray): string {
  return match[1] === undefined ? "a package" : `the package ${match[1]}`;
}

function unreachable(context: PackageContext, [, file = "", host, reason = ""]: RegExpExecArray): Failure {
  const answer = /returned error: (\d+)/.exec(reason)?.[1];
  const what = file.endsWith(".db") ? `the repository ${file.slice(0, -3)}` : `the package ${file}`;
  const from = `${what} cannot be fetched from ${host}`;
  const offline = context.image.config.cacheOnly === "always";
  if (offline) {
    return notCached(context, what);
  }
  if (answer?.startsWith("4") === true) {
    return repositoryFailure(context, `${from}: the server answers ${answer}`, {
      remedy: file.endsWith(".db")
        ? "check Repositories=, Snapshot= and Mirror=: the mirror may not have this repository or this architecture"
        : "the database is out of date: build again without CacheOnly=, or set another Mirror=",
    });
  }
  return repositoryFailure(context, `${from}: ${reason.trim()}`, {
    remedy: "check the network connection and the proxy (ProxyUrl=), or set another Mirror=",
  });
}

function repositoryFailure(
  { image }: PackageContext,
  message: string,
  details: { readonly remedy: string; readonly excerpt?: string | undefined },
): Failure {
  return new Failure(message, {
    origin:
      image.origin("localMirror") ?? image.origin("mirror") ?? image.origin("snapshot") ?? image.origin("distribution"),
    ...details,
  });
}

/** The lines in which pacman complains, without repetitions; what it does and asks, and that we do not let it change keys, is no complaint. */
function complaints(output: string): string | undefined {
  const all = output.split("\n").filter((line) => /^(?:error|warning|::|\S+: \/)/.test(line));
  const lines = [...new Set(all.filter((line) => !NOISE.test(line)))];
  return lines.length === 0 ? undefined : lines.slice(-8).join("\n");
}

const NOISE = /^:: (?:Proceed|Synchroni|Retriev|Import|Process|Run|Start)|keyring is not writable/;

/** The failure that a person should see for a failed run; the run's own failure when its output tells nothing. */
export function explainFailure(error: CommandFailure, context: PackageContext): Failure {
  for (const { pattern, explain } of CAUSES) {
    const match = pattern.exec(error.output);
    if (match !== null) return explain(match, context);
  }
  return error;
}

/** Packages signed by a key that is not in the keyring. */
export function strangers(context: PackageContext, files: readonly string[], output: string): Failure {
  const what = files.length === 1 ? `the package ${files[0]} is` : `the packages ${files.join(", ")} are`;
  return repositoryFailure(context, `${what} not signed by a key of ${describe(context)}`, {
    excerpt: complaints(output),
    remedy: KEYS_REMEDY,
  });
}
