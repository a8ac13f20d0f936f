// Finds the keys that rpm packages are verified with: in the toolbox's collection of all distributions' keys, among the
// keys of its own distribution, on the host, or where they can be fetched from.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import { contentDigest } from "../../tools/digest.ts";
import type { PackageContext, Repository, RepositoryKey } from "../manager.ts";
import { fetchedKeys } from "./fetched-keys.ts";
import { findLocalKey } from "./local-key.ts";
import { isEnabled } from "./repositories.ts";

/** Where keys of the host are in the sandbox; its /usr and /etc/pki are the toolbox's. */
const FROM_HOST = "/etc/mkosi-keys";

export interface FoundKeys {
  /** Addresses as a repository's definition has them, by the id of each repository that is verified. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly mounts: readonly Mount[];
}

/** @throws {Failure} when a repository that is used has keys, and none of them is to be found */
export function findKeys(context: PackageContext, repositories: readonly Repository[]): FoundKeys {
  const mounts = new Map<string, Mount>();
  const addresses = new Map<string, readonly string[]>();
  for (const repository of repositories) {
    const { id, keys = [] } = repository;
    if (keys.length === 0) continue;
    const found = keys.flatMap((key) => findKey(context, key, mounts));
    if (found.length === 0 && isWanted(context, repository) && !isInRepository(context, keys))
      throw missing(context, id, keys);
    addresses.set(id, found);
  }
  return { addresses, mounts: [...mounts.values()] };
}

/** Changes when keys of the host do that are used; those of the toolbox change with its packages, those of sandbox trees with these. */
export function hostKeysState(context: PackageContext): string {
  if (!context.image.config.repositoryKeyCheck) return "";
  const wanted = context.repositories.filter((repository) => isWanted(context, repository));
  try {
    const paths = findKeys(context, wanted).mounts.flatMap((mount) => (mount.type === "bind" ? mount.source : []));
    return paths.map((path) => contentDigest(path)).join();
  } catch (error) {
    // Who only takes what is kept needs none.
    if (error instanceof Failure) return "missing";
    throw error;
  }
}

/** zypper takes keys without an address from the repository itself. */
function isInRepository({ image }: PackageContext, keys: readonly RepositoryKey[]): boolean {
  return image.config.repositoryKeyFetch && keys.every(({ url }) => url === undefined);
}

function isWanted({ image }: PackageContext, repository: Repository): boolean {
  return isEnabled(repository, image.config.repositories);
}

function findKey(context: PackageContext, key: RepositoryKey, mounts: Map<string, Mount>): readonly string[] {
  const bound = (path: string) => {
    const target = join(FROM_HOST, basename(path));
    mounts.set(target, bindReadOnly(path, target));
    return `file://${target}`;
  };
  const fetched = fetchedKeys(context, key);
  const found = key.neighbours === true && fetched.length > 0 ? undefined : findLocalKey(context, key);
  if (found === undefined) return fetched.map(bound);
  const { root, path, isGiven } = found;
  const files = key.neighbours === true && !isGiven ? withNeighbours(root, path) : [path];
  return files.map(root === "/" ? bound : (file) => `file://${file}`);
}

function missing(context: PackageContext, id: string, keys: readonly RepositoryKey[]): Failure {
  const url = keys.find((key) => key.url !== undefined)?.url;
  return new Failure(
    `the key that verifies packages of the repository ${id} is missing: ${keys.map(({ path }) => path).join(", ")}`,
    {
      origin: context.image.origin("release") ?? context.image.origin("distribution"),
      remedy: `check Release=, or install distribution-gpg-keys, on the host or by ToolsTreePackages=, or set RepositoryKeyFetch=yes to take it from ${url ?? "the repository"}`,
    },
  );
}

/** The key that a name like `…-rawhide-primary` is a link to, and those of the releases next to it. */
function withNeighbours(root: string, path: string): readonly string[] {
  const name = basename(realpathSync(join(root, path)));
  const number = Number(/-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) return [path];
  return [number, number - 1, number + 1]
    .map((release) => join(dirname(path), name.replace(/-\d+-/, `-${release}-`)))
    .filter((candidate) => existsSync(join(root, candidate)));
}
