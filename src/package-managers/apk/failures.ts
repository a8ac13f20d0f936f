// Recognises in apk's output what went wrong, and says it in one sentence with a remedy. What is not recognised stays the
// failure of the command, with the end of its output.

import { Failure, formatOrigin } from "../../report/failure.ts";
import { CommandFailure } from "../../sandbox/spawn.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";

const PASSING =
  /(?:temporary error|network connection aborted|connection (?:timed out|refused|reset)|remote server returned error|I\/O error|unexpected end of file)/i;

/** Whether another attempt may succeed. */
export function isPassing(output: string): boolean {
  return PASSING.test(output);
}

/** Runs apk for requests, and turns its failure into one for a person. */
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

/** The failure that a person should see for a failed run; the run's own failure when its output tells nothing. */
export function explainFailure(
  error: CommandFailure,
  context: PackageContext,
  requests: readonly PackageRequest[],
): Failure {
  const { image } = context;
  const { output } = error;
  const repositories = `${image.config.distribution} ${image.config.release}`;
  const origin = image.origin("localMirror") ?? image.origin("mirror") ?? image.origin("distribution");
  const excerpt = complaints(output);
  const missing = [...output.matchAll(/^\s*(\S+) \(no such package\):/gm)].map((match) => match[1] ?? "");
  if (missing.length > 0) {
    const asked = requests.find(({ spec }) => missing.includes(spec));
    const places = missing.map((name) => {
      const request = requests.find(({ spec }) => spec === name);
      const place = request?.origin === undefined ? "" : ` (${formatOrigin(request.origin)})`;
      const setting = request?.setting === undefined ? "" : `, asked for by ${request.setting}=${place}`;
      return `the package ${name} does not exist in ${repositories}${setting}`;
    });
    return new Failure(places.join("\n"), {
      origin: asked?.origin ?? origin,
      remedy: "correct the name, or add the repository that has it (etc/apk/repositories of a sandbox tree)",
    });
  }
  const untrusted = /(?:(?:fetching|opening) (\S+): |^ERROR: (\S+): )?(?:UNTRUSTED|BAD) signature/m.exec(output);
  if (untrusted !== null) {
    return new Failure(`${untrusted[1] ?? untrusted[2] ?? "a package"} is not signed by a key of ${repositories}`, {
      origin,
      excerpt,
      remedy:
        "update distribution-gpg-keys on the host or in the tools tree, or put the key into etc/apk/keys of a sandbox tree (RepositoryKeyCheck=no trusts packages without a signature)",
    });
  }
  const unreachable = /(?:fetching|opening) (\S+): ([^\n]+)/.exec(output);
  if (unreachable !== null) {
    return new Failure(`${unreachable[1]} cannot be fetched: ${unreachable[2]}`, {
      origin,
      excerpt,
      remedy: "check the network connection, the proxy (ProxyUrl=) and Mirror=",
    });
  }
  if (/unable to select packages/.test(output)) {
    return new Failure(`the packages cannot be installed together from ${repositories}`, {
      origin: image.origin("packages"),
      excerpt,
      remedy: "remove one of the packages that exclude each other, or add the repository that has what is missing",
    });
  }
  return error;
}

/** The lines in which apk complains. */
function complaints(output: string): string | undefined {
  const lines = [...new Set(output.split("\n").filter((line) => /^(?:ERROR|WARNING):|^ {2}\S/.test(line)))];
  return lines.length === 0 ? undefined : lines.slice(-8).join("\n");
}
