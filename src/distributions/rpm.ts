// What the distributions of rpm packages have in common.

import type { Image } from "../config/project.ts";
import type { PackageRequest, Repository, RepositoryKey } from "../package-managers/manager.ts";
import { matches } from "../package-managers/rpm/repositories.ts";
import { Failure } from "../report/failure.ts";
import { didYouMean } from "../report/suggest.ts";
import type { Config } from "../settings/index.ts";
import { checkArchitecture } from "./naming.ts";
import { checkSnapshot, type SnapshotForm } from "./snapshot-form.ts";

export interface RpmChecks {
  readonly prettyName: string;
  readonly architectures: Readonly<Record<string, string>>;
  readonly repositories: (config: Config) => readonly Repository[];
  /** Releases that it has: how they look, what to say of others, and those that are names. */
  readonly release: { readonly pattern: RegExp; readonly remedy: string; readonly names?: readonly string[] };
  /** What states of the repositories at points of time are called; undefined: there are none. */
  readonly snapshots?: SnapshotForm;
}

/** Checks architecture, release, repositories and snapshot. @throws {Failure} */
export function validateRpm(image: Image, checks: RpmChecks): void {
  const { config } = image;
  const { prettyName } = checks;
  checkArchitecture(image, checks.architectures, prettyName);
  if (!checks.release.pattern.test(config.release)) {
    throw new Failure(`${prettyName} has no release ${JSON.stringify(config.release)}`, {
      origin: image.origin("release"),
      remedy: `${didYouMean(config.release, checks.release.names ?? [])}${checks.release.remedy}`,
    });
  }
  if (checks.snapshots !== undefined) checkSnapshot(image, prettyName, checks.snapshots);
  else if (config.snapshot) {
    throw new Failure(`${prettyName} ${config.release} has no snapshots of its repositories`, {
      origin: image.origin("snapshot"),
      remedy: "remove Snapshot=",
    });
  }
  // files of somebody's own may define others
  if (config.sandboxTrees.length > 0) return;
  const known = checks.repositories(config).map(({ id }) => id);
  const unknown = config.repositories.find((name) => !known.some((id) => matches(name, id)));
  if (unknown === undefined) return;
  throw new Failure(`${prettyName} ${config.release} has no repository ${JSON.stringify(unknown)}`, {
    origin: image.origin("repositories", unknown),
    remedy: `${didYouMean(unknown, known)}Repositories= takes ${known.join(", ")}; others are defined by SandboxTrees=`,
  });
}

/** What makes the base system. */
export function baseRequests(...names: readonly string[]): readonly PackageRequest[] {
  return names.map((spec) => ({ spec, setting: undefined, origin: undefined }));
}

/** `10`, `9.5` → 10, 9. */
export function majorRelease(release: string): number {
  return Number.parseInt(release, 10);
}

/** A repository that is its packages' address alone. */
export function repository(
  id: string,
  url: string,
  keys: readonly RepositoryKey[],
  more: Partial<Repository> = {},
): Repository {
  return { id, url, keys, ...more };
}
