// Repositories in apt's deb822 form, as in sources.list(5).

import type { Repository } from "../manager.ts";

/** Text of a .sources file. Builds ask for binary packages only, so only their indexes are fetched. */
export function renderSources(repositories: readonly Repository[], types: readonly string[] = ["deb"]): string {
  return repositories.map((repository) => renderSource(repository, types)).join("\n");
}

function renderSource(repository: Repository, types: readonly string[]): string {
  const fields = [
    ["Types", types.join(" ")],
    ["URIs", repository.url],
    ["Suites", repository.suite ?? "./"],
    // a flat repository (its suite ends in a slash) has no components, and apt refuses the field there
    ...(repository.suite === undefined || repository.suite.endsWith("/")
      ? []
      : [["Components", (repository.components ?? ["main"]).join(" ")]]),
    repository.signedBy === undefined ? ["Trusted", "yes"] : ["Signed-By", repository.signedBy],
    ...(repository.snapshot === undefined ? [] : [["Snapshot", repository.snapshot]]),
  ];
  return fields.map(([name, value]) => `${name}: ${value}\n`).join("");
}
