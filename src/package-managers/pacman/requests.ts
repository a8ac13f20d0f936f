// What pacman takes as a name of packages: a package, a group, or what another package provides, of one repository or with
// a version (`core/bash`, `bash>=5`).

import { Failure } from "../../report/failure.ts";
import type { PackageContext, PackageRequest } from "../manager.ts";

/** @throws {Failure} for files and addresses, which pacman installs without looking at any repository */
export function checkRequests({ image }: PackageContext, requests: readonly PackageRequest[]): void {
  const file = requests.find(({ spec }) => /^(?:[./]|\w+:\/\/)|\.pkg\.tar(?:\.\w+)?$/.test(spec));
  if (file !== undefined) {
    throw new Failure(`${file.spec} is the name of a file, and pacman takes names of packages`, {
      origin: file.origin ?? image.origin("packages", file.spec),
      remedy: "give the package's name in Packages= and the directory with its file in PackageDirectories=",
    });
  }
}
