// What the build asks of a package manager, whichever it is.

import type { Origin } from "../report/failure.ts";
import type { Mount } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";
import type { ImageContext } from "../tools/context.ts";

/** A package specification in the manager's own language, and where it was asked for. */
export interface PackageRequest {
  readonly spec: string;
  readonly origin: Origin | undefined;
  /** The setting it stands in: `Packages`, `BuildPackages`, or undefined for what the distribution itself needs. */
  readonly setting: string | undefined;
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Bytes on disk as the package says. */
  readonly size: number;
  readonly source?: string;
  /** For ManifestFormat=changelog. */
  readonly changelog?: string;
}

/** A package repository in the terms that all managers share. */
export interface Repository {
  readonly id: string;
  readonly url: string;
  /** Suite, for deb repositories. */
  readonly suite?: string;
  readonly components?: readonly string[];
  /** Path of the keyring or key inside the toolbox; without it the repository is not verified (`RepositoryKeyCheck=no`, a local mirror). */
  readonly signedBy?: string;
  /** State of the repository at a point of time, for those that offer it in place. */
  readonly snapshot?: string;
  /** What `url` is the address of, where it is not the repository: a list of its mirrors. */
  readonly list?: "metalink" | "mirrorlist";
  /** Whether it counts only when `Repositories=` names it. */
  readonly optional?: boolean;
  /** The keys that packages are verified with, where it takes several; none: they are not verified. */
  readonly keys?: readonly RepositoryKey[];
  /** What else the package manager's own definition of a repository says of it. */
  readonly options?: Readonly<Record<string, string>>;
}

/** A public key that signs packages. */
export interface RepositoryKey {
  /** Its file in /usr/share/distribution-gpg-keys; /etc/pki/rpm-gpg has it under the file's name. */
  readonly path: string;
  /** Where it can be fetched from, with `RepositoryKeyFetch=`. */
  readonly url?: string;
  /** Whether the keys of the releases before and after are used, too: around the day of branching, packages have either. */
  readonly neighbours?: boolean;
}

export interface PackageContext extends ImageContext {
  /** Package cache directory of this user, on the host; shared between builds and locked while written. */
  readonly packageCache: string;
  readonly repositories: readonly Repository[];
  /** Packages on this machine that can be installed, too, and are preferred. */
  readonly localPackages: readonly string[];
  /** The architecture in the distribution's own words (`amd64`). */
  readonly architecture: string;
}

/** A package manager's own files in the image. */
export interface PackageMetadata {
  /** The program that would use them. */
  readonly program: string;
  /** Paths relative to the image's root. */
  readonly paths: readonly string[];
}

/** What lets scripts of the project use the package manager on the image's tree at /buildroot. */
export interface ScriptTools {
  readonly mounts: readonly Mount[];
  /** Programs that need the kernel's file systems in the tree. `preparation`: shell commands that come before. */
  readonly onTree: Readonly<Record<string, { readonly preparation: string; readonly command: string }>>;
  /** What is the same for all package managers, as commands of these. */
  readonly verbs: Readonly<
    Partial<Record<"mkosi-install" | "mkosi-upgrade" | "mkosi-remove" | "mkosi-reinstall", string>>
  >;
}

export interface PackageManager {
  readonly name: "apt" | "dnf" | "zypper" | "pacman" | "apk" | "none";
  /** How names of packages end. */
  readonly packageExtensions: readonly string[];
  /** Programs that must be in the toolbox; `dnf5|dnf`: one of them. */
  readonly programs: readonly string[];
  /** Settings that change what it installs, besides those that every package manager heeds: who shares a base system agrees in them. */
  readonly settings?: readonly (keyof Config)[];
  /** Brings the repository metadata up to date: once a build for each set of repositories, however many images ask. */
  sync(context: PackageContext): Promise<void>;
  /** A text that changes when the repositories' metadata, as it was last fetched, does. */
  state(context: PackageContext): Promise<string>;
  /** Solves all requests against an empty system and downloads what is needed. @throws {Failure} naming what cannot be had */
  fetch(context: PackageContext, requests: readonly PackageRequest[]): Promise<void>;
  /** Makes the base system in an empty (or skeleton) tree. */
  bootstrap(context: PackageContext, root: string): Promise<void>;
  install(context: PackageContext, root: string, requests: readonly PackageRequest[]): Promise<void>;
  remove(context: PackageContext, root: string, packages: readonly string[]): Promise<void>;
  scriptTools(context: PackageContext, root: string): ScriptTools | Promise<ScriptTools>;
  /** Changelogs of installed packages by their names, as far as the tree has them. */
  changelogs?(context: ImageContext, root: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  installed(context: ImageContext, root: string): Promise<readonly InstalledPackage[]>;
  /** What `CleanPackageMetadata=` removes; with `auto`, only what belongs to a program that the image does not have. */
  readonly metadata: readonly PackageMetadata[];
}
