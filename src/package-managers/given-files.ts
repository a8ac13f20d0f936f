// Packages that are asked for by their files on this machine, not by their names.

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../report/failure.ts";
import { bindReadOnly, type Mount } from "../sandbox/spec.ts";
import { isPackageFile, isPackageUrl } from "../settings/types/package.ts";
import { COMPLAINT } from "./local-packages.ts";
import type { PackageRequest } from "./manager.ts";

/** Where the sandbox of a package manager has them: it need not have their own directories. */
const PLACE = "/mkosi-packages";

/** The arguments for the package manager. @throws {Failure} when there is no such file */
export function requestArguments(requests: readonly PackageRequest[], extensions: readonly string[]): string[] {
  return requests.map((request) => {
    const { spec } = request;
    if (!isPackageFile(spec)) return spec;
    check(request, extensions);
    return placeOf(spec);
  });
}

/** Puts the files into the sandbox. */
export function requestMounts(requests: readonly PackageRequest[]): readonly Mount[] {
  return givenFiles(requests).map((path) => bindReadOnly(path, placeOf(path)));
}

/** Changes when one of them does. */
export function requestsState(requests: readonly PackageRequest[]): readonly unknown[] {
  return givenFiles(requests).map((path) => {
    const status = statSync(path, { throwIfNoEntry: false });
    return [path, status?.ino, status?.size, status?.mtimeMs];
  });
}

/** Whether a path in the sandbox is that of one of them. */
export function isGivenFile(path: string): boolean {
  return path.startsWith(`${PLACE}/`);
}

/** @throws {Failure} for addresses, where the package manager does not download such packages */
export function refuseUrls(requests: readonly PackageRequest[], program: string): void {
  const url = requests.find(({ spec }) => isPackageUrl(spec));
  if (url === undefined) return;
  throw new Failure(`${url.setting}=: ${url.spec} is an address, and ${program} installs no packages from addresses`, {
    origin: url.origin,
    remedy: "download it (a sync script can do that), and give the path of the file",
  });
}

/** @throws {Failure} for files and addresses, where the package manager would install them without looking at any repository */
export function refuseFiles(requests: readonly PackageRequest[], program: string): void {
  const file = requests.find(({ spec }) => /^(?:[./]|\w+:\/\/)|\.(?:pkg\.tar(?:\.\w+)?|apk)$/.test(spec));
  if (file === undefined) return;
  throw new Failure(`${file.setting}=: ${file.spec} is the name of a file, and ${program} takes names of packages`, {
    origin: file.origin,
    remedy: `give the package's name in ${file.setting}= and the directory with its file in PackageDirectories=`,
  });
}

/** The failure for a file that the package manager could not make sense of; undefined when its output complains about none. */
export function unreadableFile(output: string, requests: readonly PackageRequest[]): Failure | undefined {
  for (const { spec, setting, origin } of requests) {
    if (!isPackageFile(spec)) continue;
    const line = output.split("\n").find((text) => text.includes(placeOf(spec)) && COMPLAINT.test(text));
    if (line === undefined) continue;
    return new Failure(`${setting}=: ${spec} is damaged, or no package`, {
      origin,
      excerpt: line.trim().replaceAll(placeOf(spec), spec),
      remedy: "get or make the package again",
    });
  }
  return undefined;
}

/** Their paths on this machine. */
export function givenFiles(requests: readonly PackageRequest[]): readonly string[] {
  return [...new Set(requests.map(({ spec }) => spec).filter(isPackageFile))];
}

/** Files of the same name in different directories stay apart. */
function placeOf(path: string): string {
  const directory = createHash("sha256").update(dirname(path)).digest("hex").slice(0, 8);
  return join(PLACE, directory, basename(path));
}

function check({ spec, origin, setting }: PackageRequest, extensions: readonly string[]): void {
  if (!extensions.some((extension) => spec.endsWith(extension))) {
    throw new Failure(`${setting}=: ${spec} is no package of this distribution`, {
      origin,
      remedy: `its packages' names end with ${extensions.join(" or ")}`,
    });
  }
  const status = statSync(spec, { throwIfNoEntry: false });
  if (status?.isFile() !== true) {
    throw new Failure(`${setting}=: the package ${spec} ${status === undefined ? "does not exist" : "is no file"}`, {
      origin,
      remedy: "give the path of a package's file; paths are relative to the configuration file's directory",
    });
  }
}
