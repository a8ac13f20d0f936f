// Finds the keys that rpm packages are verified with: in the toolbox's collection of all distributions' keys, among the
// keys of its own distribution, on the host, or where they can be fetched from.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bindReadOnly, type Mount, toolboxRoot } from "../../sandbox/spec.ts";
import type { PackageContext, Repository, RepositoryKey } from "../manager.ts";

const COLLECTION = "/usr/share/distribution-gpg-keys";
const OWN = "/etc/pki/rpm-gpg";
/** Where keys of the host are in the sandbox; its /usr and /etc/pki are the toolbox's. */
const FROM_HOST = "/etc/mkosi-keys";

export interface FoundKeys {
  /** Addresses as a repository's definition has them, by the repository's id. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly mounts: readonly Mount[];
}

/** @throws {Failure} when the key of a repository that is used is nowhere */
export function findKeys(context: PackageContext, repositories: readonly Repository[]): FoundKeys {
  const mounts = new Map<string, Mount>();
  const addresses = new Map<string, readonly string[]>();
  for (const repository of repositories) {
    const { keys = [] } = repository;
    addresses.set(
      repository.id,
      keys.flatMap((key) => findKey(context, repository, key, mounts)),
    );
  }
  return { addresses, mounts: [...mounts.values()] };
}

function findKey(
  context: PackageContext,
  repository: Repository,
  key: RepositoryKey,
  mounts: Map<string, Mount>,
): readonly string[] {
  const root = toolboxRoot(context.toolbox);
  for (const path of [join(COLLECTION, key.path), join(OWN, basename(key.path))]) {
    if (!existsSync(join(root, path))) continue;
    return (key.neighbours === true ? withNeighbours(root, path) : [path]).map((found) => `file://${found}`);
  }
  const onHost = [join(COLLECTION, key.path), join(OWN, basename(key.path))].find((path) => existsSync(path));
  if (onHost !== undefined) {
    return (key.neighbours === true ? withNeighbours("/", onHost) : [onHost]).map((found) => {
      const target = join(FROM_HOST, basename(found));
      mounts.set(target, bindReadOnly(found, target));
      return `file://${target}`;
    });
  }
  if (context.image.config.repositoryKeyFetch && key.url !== undefined) return [key.url];
  if (repository.optional === true) return [];
  throw new Failure(`the key that verifies packages of the repository ${repository.id} is missing: ${key.path}`, {
    origin: context.image.origin("distribution"),
    remedy:
      key.url === undefined
        ? "install distribution-gpg-keys, on the host or by ToolsTreePackages="
        : `install distribution-gpg-keys, on the host or by ToolsTreePackages=, or set RepositoryKeyFetch=yes to take it from ${key.url}`,
  });
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
