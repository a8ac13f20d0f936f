// Where dnf and zypper find and keep things: directories of the package cache on the host, and their places in the
// sandbox.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackageContext, Repository } from "../manager.ts";
import { sandboxState } from "../sandbox-files.ts";
import { isEnabled } from "./repositories.ts";

export interface RpmCache {
  /** Directory on the host with the metadata and packages of one set of repositories. */
  readonly directory: string;
  /** Who changes it holds this lock. */
  readonly lock: string;
}

/** The repositories that the configuration asks for. */
export function enabledRepositories({ repositories, image }: PackageContext): readonly Repository[] {
  return repositories.filter((repository) => isEnabled(repository, image.config.repositories));
}

/** Their names, for a person. */
export function places(context: PackageContext): string {
  return enabledRepositories(context)
    .map(({ id }) => id)
    .join(", ");
}

/** `fedora 43 (fedora, updates)`. */
export function describe(context: PackageContext): string {
  const { distribution, release } = context.image.config;
  return `${distribution} ${release} (${places(context)})`;
}

/** The cache of a context: a function of distribution, release, architecture and repositories. @param program whose it is */
export function rpmCache(context: PackageContext, program: string): RpmCache {
  const { distribution, release } = context.image.config;
  const own = sandboxState(context, ["etc/yum.repos.d", "etc/dnf", "etc/yum", "etc/zypp"]);
  const wanted = context.image.config.repositories;
  const set = createHash("sha256")
    .update(JSON.stringify([enabledRepositories(context), wanted, context.architecture, own]))
    .digest("hex")
    .slice(0, 12);
  const base = join(context.packageCache, program === "zypper" ? "zypper" : "dnf");
  const directory = join(base, `${distribution}~${release}~${context.architecture}~${program}~${set}`);
  return { directory, lock: `${directory}.lock` };
}

/** A digest of what repositories said of themselves when they were last asked. @param local ids of those that do not count */
export function metadataDigest(directory: string, local: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of metadataFiles(directory, local)) hash.update(path).update(readFileSync(join(directory, path)));
  return hash.digest("hex");
}

/** The repositories' indexes in a cache, relative to it. */
export function metadataFiles(directory: string, local: readonly string[] = []): readonly string[] {
  return [".", "raw"]
    .filter((place) => existsSync(join(directory, place)))
    .flatMap((place) => readdirSync(join(directory, place)).map((name) => join(place, name, "repodata/repomd.xml")))
    .filter((path) => !local.some((id) => path.split("/").some((part) => part === id || part.startsWith(`${id}-`))))
    .filter((path) => existsSync(join(directory, path)))
    .toSorted();
}
