// Describes a run of pacman: our configuration, the cache and the tree at /buildroot, nothing of the host's pacman.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bind, bindReadOnly, type Mount, type SandboxSpec } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import { localPackageMounts } from "../local-packages.ts";
import type { PackageContext } from "../manager.ts";
import { proxyEnvironment } from "../proxy.ts";
import { proxyAuthorityMounts } from "../proxy-authority.ts";
import { scriptletEnvironment, scriptletMounts, userLinks } from "../scriptlets.ts";
import { CONFIGURATION, renderConfiguration } from "./configuration.ts";
import { DATABASE, INSTALLED, LOCAL_PACKAGES, PACKAGES, pacmanCache } from "./layout.ts";
import { DATABASE_FILE } from "./local-repository.ts";

/** Where a tree has hooks that are not of packages; pacman insists that it is there. */
const HOOKS = "etc/pacman.d/hooks";

export interface PacmanCommand {
  /** What follows our own options. */
  readonly arguments: readonly string[];
  /** The tree on the host that is /buildroot. */
  readonly root: string;
  /** A populated keyring on the host. */
  readonly keyring: string | undefined;
  /** The directory that makeLocalRepository() has made. */
  readonly local?: string | undefined;
  readonly network?: boolean;
  /** Whether the repositories' databases are brought up to date. */
  readonly sync?: boolean;
  /** Whether scripts of packages have /proc, /sys and /dev. */
  readonly scripts?: boolean;
  readonly output?: "log" | "capture";
}

/** pacman with the options of every run. */
export function pacmanArguments({ architecture, localPackages }: PackageContext): string[] {
  return [
    "pacman",
    `--root=${BUILDROOT}`,
    "--logfile=/dev/null",
    `--dbpath=${DATABASE}`,
    // It downloads into the first one that it can write to.
    ...(localPackages.length === 0 ? [] : [`--cachedir=${LOCAL_PACKAGES}`]),
    `--cachedir=${PACKAGES}`,
    `--hookdir=${BUILDROOT}/${HOOKS}`,
    `--arch=${architecture}`,
    "--color=never",
    "--noconfirm",
  ];
}

/** The sandbox of a pacman run. */
export function pacmanSpec(context: PackageContext, command: PacmanCommand): SandboxSpec {
  return {
    argv: [...pacmanArguments(context), ...command.arguments],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [
      bind(command.root, BUILDROOT),
      ...pacmanMounts(context, command),
      ...(command.network === true ? proxyAuthorityMounts(context) : []),
      ...(command.scripts === true ? [...scriptletMounts(command.root, BUILDROOT), ...userLinks()] : []),
    ],
    env: pacmanEnvironment(context),
    network: command.network ?? false,
    output: command.output ?? "log",
  };
}

/** What pacman works with besides the tree. */
export function pacmanMounts(
  context: PackageContext,
  { root, keyring, local, sync = false }: Pick<PacmanCommand, "root" | "keyring" | "local" | "sync">,
): readonly Mount[] {
  const cache = pacmanCache(context);
  for (const directory of [INSTALLED, HOOKS]) mkdirSync(join(root, directory), { recursive: true });
  return [
    { type: "file", content: renderConfiguration(context), target: CONFIGURATION },
    ...(keyring === undefined ? [] : [bindReadOnly(keyring, "/etc/pacman.d/gnupg")]),
    { type: "dir", target: DATABASE },
    ...(sync
      ? [bind(cache.databases, `${DATABASE}/sync`)]
      : databaseFiles(cache.databases).map((name) =>
          bindReadOnly(join(cache.databases, name), `${DATABASE}/sync/${name}`),
        )),
    bind(join(root, INSTALLED), `${DATABASE}/local`),
    bind(cache.packages, PACKAGES),
    ...(local === undefined
      ? []
      : [
          bindReadOnly(join(local, DATABASE_FILE), `${DATABASE}/sync/mkosi.db`),
          bindReadOnly(local, LOCAL_PACKAGES),
          ...localPackageMounts(context),
        ]),
    ...context.repositories
      .filter(({ url }) => url.startsWith("file:"))
      .map(({ url }) => bindReadOnly(decodeURI(new URL(url).pathname))),
  ];
}

/** The repositories' databases that were synced. */
export function databaseFiles(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => /\.db(\.sig)?$/.test(name))
    .toSorted();
}

/** What the scripts of packages are told, besides the user's `Environment=`, which wins. */
export function pacmanEnvironment({ image }: PackageContext): Record<string, string> {
  const { config } = image;
  return { HOME: "/", ...scriptletEnvironment(config), ...proxyEnvironment(config), ...config.environment };
}
