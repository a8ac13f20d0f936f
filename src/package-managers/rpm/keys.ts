// Finds the keys that rpm packages are verified with: in the toolbox's collection of all distributions' keys, among the
// keys of its own distribution, on the host, or where they can be fetched from.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bindReadOnly, type Mount, toolboxRoot } from "../../sandbox/spec.ts";
import { contentDigest } from "../../tools/digest.ts";
import type { PackageContext, Repository, RepositoryKey } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { isEnabled } from "./repositories.ts";

const COLLECTION = "/usr/share/distribution-gpg-keys";
const OWN = "/etc/pki/rpm-gpg";
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
    if (found.length === 0 && !context.image.config.repositoryKeyFetch && isWanted(context, repository))
      throw missing(context, id, keys);
    addresses.set(id, found);
  }
  return { addresses, mounts: [...mounts.values()] };
}

/** Changes when keys of the host do that are used; those of the toolbox change with its packages, those of sandbox trees with these. */
export function hostKeysState(context: PackageContext): string {
  if (!context.image.config.repositoryKeyCheck) return "";
  const wanted = context.repositories.filter((repository) => isWanted(context, repository));
  const paths = findKeys(context, wanted).mounts.flatMap((mount) => (mount.type === "bind" ? mount.source : []));
  return paths.map((path) => contentDigest(path)).join();
}

function isWanted({ image }: PackageContext, repository: Repository): boolean {
  return isEnabled(repository, image.config.repositories);
}

function findKey(context: PackageContext, key: RepositoryKey, mounts: Map<string, Mount>): readonly string[] {
  const places = [join(COLLECTION, key.path), join(OWN, basename(key.path))];
  const root = toolboxRoot(context.toolbox);
  const given = join(OWN, basename(key.path));
  if (!existsSync(join(root, COLLECTION, key.path)) && sandboxHas(context, given)) return [`file://${given}`];
  const files = (top: string, path: string) => (key.neighbours === true ? withNeighbours(top, path) : [path]);
  const path = places.find((place) => existsSync(join(root, place)));
  if (path !== undefined) return files(root, path).map((found) => `file://${found}`);
  const onHost = places.find((place) => existsSync(place));
  if (onHost !== undefined) {
    return files("/", onHost).map((found) => {
      const target = join(FROM_HOST, basename(found));
      mounts.set(target, bindReadOnly(found, target));
      return `file://${target}`;
    });
  }
  return context.image.config.repositoryKeyFetch && key.url !== undefined ? [key.url] : [];
}

function missing(context: PackageContext, id: string, keys: readonly RepositoryKey[]): Failure {
  const url = keys.find((key) => key.url !== undefined)?.url;
  return new Failure(
    `the key that verifies packages of the repository ${id} is missing: ${keys.map(({ path }) => path).join(", ")}`,
    {
      origin: context.image.origin("distribution"),
      remedy: `install distribution-gpg-keys, on the host or by ToolsTreePackages=, or set RepositoryKeyFetch=yes to take it from ${url ?? "the repository"}`,
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
