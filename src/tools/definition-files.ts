// The files of directories with partition definitions, as repart.d(5) and systemd-repart(8) have them.

import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

/** `10-root.conf` and `10-root.conf.d/*.conf`, relative to the directory; with those that are there to mask others. */
export function definitionFiles(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    if (!name.endsWith(".conf.d")) return isDefinition(directory, name) ? [name] : [];
    if (statusOf(join(directory, name))?.isDirectory() !== true) return [];
    return readdirSync(join(directory, name))
      .map((part) => join(name, part))
      .filter((path) => isDefinition(directory, path));
  });
}

/**
 * What systemd-repart reads when it is given several directories: of files with the same name that of the first one, also
 * of drop-ins, which may lie in another directory than what they belong to. An empty file masks those of later ones.
 * @returns the paths of each definition and its drop-ins, in the order in which they are read
 */
export function definitionsOf(directories: readonly string[]): readonly (readonly string[])[] {
  const paths = new Map<string, string>();
  for (const directory of directories)
    for (const name of definitionFiles(directory)) if (!paths.has(name)) paths.set(name, join(directory, name));
  const names = [...paths.keys()].filter((name) => !isMask(paths.get(name))).toSorted();
  const pathOf = (name: string) => paths.get(name) ?? [];
  return names
    .filter((name) => !name.includes("/"))
    .map((name) => [name, ...names.filter((other) => other.startsWith(`${name}.d/`))].flatMap(pathOf));
}

function isDefinition(directory: string, name: string): boolean {
  const path = join(directory, name);
  const status = name.endsWith(".conf") ? statusOf(path) : undefined;
  return status?.isFile() === true || (status !== undefined && realpathSync(path) === "/dev/null");
}

function isMask(path: string | undefined): boolean {
  return path === undefined || statusOf(path)?.size === 0;
}

/** Links are followed; those that lead nowhere are nothing. */
function statusOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
