// What runs of dnf and zypper have in common: the tree at /buildroot, rpm's configuration, the repositories, nothing of
// the host's.

import { bind, bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import type { Config } from "../../settings/index.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext, Repository } from "../manager.ts";
import { proxyEnvironment, proxyMounts } from "../proxy.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { scriptletEnvironment, scriptletMounts } from "../scriptlets.ts";
import { type RpmLayout, rpmMacros } from "./database.ts";
import { findKeys } from "./keys.ts";
import { LOCAL_REPOSITORY } from "./local-repository.ts";
import { renderRepositories } from "./repositories.ts";

/** A set of repositories has those that nobody asks for, too; translations and keys become part of the tree. */
export const RPM_SETTINGS: readonly (keyof Config)[] = ["repositories", "locale", "repositoryKeyFetch"];

export interface RpmCommand {
  /** The program's own arguments; options that every run has come before them. */
  readonly argv: readonly string[];
  /** The tree on the host that is /buildroot. */
  readonly root: string;
  readonly network?: boolean;
  /** Whether the tree has the kernel's file systems for the packages' scripts. */
  readonly scripts?: boolean;
  /** What localRepository() has returned. */
  readonly local?: readonly Mount[];
  readonly mounts?: readonly Mount[];
  readonly output?: "log" | "capture";
}

/** @param repositoryFile where the program looks for definitions of repositories @throws {Failure} when a key is missing */
export function rpmMounts(
  context: PackageContext,
  command: RpmCommand,
  layout: RpmLayout,
  repositoryFile: { readonly path: string; readonly common?: Readonly<Record<string, string>> },
): Mount[] {
  const { config } = context.image;
  // a file of a sandbox tree in its place has all repositories
  const repositories = sandboxHas(context, repositoryFile.path) ? [] : context.repositories;
  const keys = findKeys(context, config.repositoryKeyCheck ? repositories : []);
  const all: readonly Repository[] = [
    ...repositories,
    ...(command.local !== undefined && command.local.length > 0 ? [LOCAL_REPOSITORY] : []),
  ];
  const text = renderRepositories(all, {
    wanted: config.repositories,
    keys: keys.addresses,
    ...(repositoryFile.common === undefined ? {} : { common: repositoryFile.common }),
  });
  return [
    bind(command.root, BUILDROOT),
    { type: "file", content: rpmMacros(layout, config.locale), target: "/etc/rpm/macros.mkosi" },
    ...(text === "" ? [] : [{ type: "file", content: text, target: freePath(context, repositoryFile.path) } as const]),
    ...keys.mounts,
    ...fileRepositories(context),
    ...(command.local ?? []),
    ...certificates(context.repositories),
    ...proxyMounts(config),
    ...(command.scripts === true ? scriptletMounts(command.root, BUILDROOT) : []),
    ...(command.mounts ?? []),
  ];
}

/** For the packages of this machine, where a sandbox tree has its own file in ours' place. */
function freePath(context: PackageContext, path: string): string {
  return sandboxHas(context, path) ? path.replace(/\.repo$/, "-local.repo") : path;
}

/** What programs and the packages' scripts are told, besides the user's `Environment=`, which wins. */
export function rpmEnvironment(config: Config): Record<string, string> {
  return {
    HOME: "/",
    ...scriptletEnvironment(config),
    // Debian's rpm otherwise refuses to install anything, as its own system is not made of rpm packages
    RPM_FORCE_DEBIAN: "1",
    ...proxyEnvironment(config),
    ...config.environment,
  };
}

/** Repositories on this machine. */
function fileRepositories({ repositories }: PackageContext): Mount[] {
  return repositories
    .filter(({ url }) => url.startsWith("file:"))
    .map(({ url }) => new URL(url).pathname)
    .map((path) => ({ ...bindReadOnly(path), optional: true }) as Mount);
}

/** Files of this machine that repositories' definitions name: certificates of a subscription. */
function certificates(repositories: readonly Repository[]): Mount[] {
  const files = repositories.flatMap(({ options = {} }) =>
    ["sslcacert", "sslclientcert", "sslclientkey"].flatMap((name) => options[name] ?? []),
  );
  return [...new Set(files)].map((path) => bindReadOnly(path));
}
