// Finds the keyrings that repositories are verified with: in the toolbox, or else on the host, from where a copy is
// bound into the sandbox (the toolbox's /usr is read-only there, so it gets a place of its own).

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Failure } from "../../report/failure.ts";
import { bindReadOnly, type Mount, toolboxRoot } from "../../sandbox/spec.ts";
import type { PackageContext, Repository } from "../manager.ts";

const DIRECTORY = "/etc/apt/keyrings";

export interface VerifiedRepositories {
  /** With `signedBy` as a path inside the sandbox. */
  readonly repositories: readonly Repository[];
  readonly mounts: readonly Mount[];
}

/** @throws {Failure} when a keyring is neither in the toolbox nor on the host */
export function findKeyrings(context: PackageContext): VerifiedRepositories {
  const mounts = new Map<string, Mount>();
  const repositories = context.repositories.map((repository) => {
    const { signedBy } = repository;
    if (signedBy === undefined) return repository;
    const toolbox = toolboxRoot(context.toolbox);
    if (signedBy.startsWith("/usr/") && existsSync(join(toolbox, signedBy))) return repository;
    if (!existsSync(signedBy)) throw missing(context, repository, signedBy);
    const target = join(DIRECTORY, basename(signedBy));
    mounts.set(target, bindReadOnly(signedBy, target));
    return { ...repository, signedBy: target };
  });
  return { repositories, mounts: [...mounts.values()] };
}

function missing(context: PackageContext, repository: Repository, path: string): Failure {
  const origin = context.image.origin("distribution");
  return new Failure(`the keyring that verifies ${repository.url} is missing: ${path}`, {
    origin,
    remedy: `install the package that has it (${keyringPackage(path)}), on the host or by ToolsTreePackages=`,
  });
}

function keyringPackage(path: string): string {
  const name = basename(path).replace(/\.(gpg|asc|pgp)$/, "");
  return name === "ubuntu-archive-keyring" ? "ubuntu-keyring" : name;
}
