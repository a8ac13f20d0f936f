// Repositories in the form of dnf.conf(5), which zypper reads, too.

import type { Repository } from "../manager.ts";

export interface RepositoryOptions {
  /** Names of `Repositories=`. */
  readonly wanted: readonly string[];
  /** Addresses of keys by the id of each repository that is verified. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  /** Lines that every definition has. */
  readonly common?: Readonly<Record<string, string>>;
}

/** Text of a .repo file. */
export function renderRepositories(repositories: readonly Repository[], options: RepositoryOptions): string {
  return repositories.map((repository) => renderRepository(repository, options)).join("\n");
}

/** Whether a repository is used. */
export function isEnabled({ id, optional }: Repository, wanted: readonly string[]): boolean {
  return optional !== true || wanted.some((name) => matches(name, id));
}

/** Whether a name of `Repositories=` means a repository; it may have the shell's wildcards `*` and `?`. */
export function matches(name: string, id: string): boolean {
  if (!/[*?]/.test(name)) return name === id;
  const pattern = name
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`).test(id);
}

function renderRepository(repository: Repository, { wanted, keys, common }: RepositoryOptions): string {
  const addresses = keys.get(repository.id) ?? [];
  const fields: [string, string][] = [
    ["name", repository.id],
    [repository.list ?? "baseurl", repository.url],
    ["enabled", isEnabled(repository, wanted) ? "1" : "0"],
    ["gpgcheck", keys.has(repository.id) ? "1" : "0"],
    ["repo_gpgcheck", "0"],
    ...(addresses.length > 0 ? ([["gpgkey", addresses.join("\n       ")]] as [string, string][]) : []),
    ...Object.entries({ ...common, ...repository.options }),
  ];
  return `[${repository.id}]\n${fields.map(([name, value]) => `${name}=${value}\n`).join("")}`;
}
