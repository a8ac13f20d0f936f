// Repositories in apt's deb822 form, as in sources.list(5).

import type { Repository } from "../manager.ts";

/** Text of a .sources file. Only binary indexes: source packages are asked for by nobody here. */
export function renderSources(repositories: readonly Repository[]): string {
  return repositories.map(renderSource).join("\n");
}

function renderSource(repository: Repository): string {
  const fields = [
    ["Types", "deb"],
    ["URIs", repository.url],
    ["Suites", repository.suite ?? "./"],
    // a flat repository (its suite ends in a slash) has no components, and apt refuses the field there
    ...(repository.suite === undefined || repository.suite.endsWith("/") ? [] : [["Components", (repository.components ?? ["main"]).join(" ")]]),
    repository.signedBy === undefined ? ["Trusted", "yes"] : ["Signed-By", repository.signedBy],
    ...(repository.snapshot === undefined ? [] : [["Snapshot", repository.snapshot]]),
  ];
  return fields.map(([name, value]) => `${name}: ${value}\n`).join("");
}
