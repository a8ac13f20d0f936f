// Describes a run of zypper: our configuration and repositories, the cache and the tree at /buildroot.

import { bind, type SandboxSpec } from "../../sandbox/spec.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import type { PackageContext } from "../manager.ts";
import { proxyAuthorityMounts } from "../proxy-authority.ts";
import { type RpmCommand, rpmEnvironment, rpmMounts } from "../rpm/command.ts";
import { DATABASE, type RpmLayout } from "../rpm/database.ts";
import { rpmCache } from "../rpm/layout.ts";
import { sandboxHas } from "../sandbox-files.ts";

/** openSUSE's rpm has another format of its database than others. */
export const LAYOUT: RpmLayout = { database: DATABASE, backend: "ndb" };

/** The package cache in the sandbox. */
export const CACHE = "/var/cache/zypp";

const CONFIGURATION = "/etc/zypp/zypp.conf";

/** The sandbox of a zypper run. @throws {Failure} when a key is missing */
export function zypperSpec(context: PackageContext, command: RpmCommand): SandboxSpec {
  return {
    argv: ["zypper", ...zypperOptions(context), ...command.argv],
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [
      ...rpmMounts(context, command, LAYOUT, {
        path: "/etc/zypp/repos.d/mkosi.repo",
        // metadata is refreshed when we say so; what was downloaded is for later builds, too
        common: { autorefresh: "0", keeppackages: "1" },
      }),
      bind(rpmCache(context, "zypper").directory, CACHE),
      ...(command.network === true ? proxyAuthorityMounts(context) : []),
      { type: "dir", target: "/var/log" },
      { type: "dir", target: "/var/lib/zypp" },
      ...(sandboxHas(context, CONFIGURATION)
        ? []
        : [{ type: "file", content: renderConfiguration(context), target: CONFIGURATION } as const]),
    ],
    env: zypperEnvironment(context),
    network: command.network ?? false,
    output: command.output ?? "log",
  };
}

/** What zypper and the packages' scripts are told. */
export function zypperEnvironment(context: PackageContext): Record<string, string> {
  const { config } = context.image;
  return { ZYPP_CONF: CONFIGURATION, ...rpmEnvironment(config) };
}

/** Options of every run. */
export function zypperOptions(context: PackageContext): string[] {
  const { config } = context.image;
  return [
    `--installroot=${BUILDROOT}`,
    `--cache-dir=${CACHE}`,
    "--non-interactive",
    "--no-refresh",
    `--releasever=${config.release}`,
    // otherwise it would trust whatever key the mirror offers
    ...(config.repositoryKeyCheck && config.repositoryKeyFetch ? ["--gpg-auto-import-keys"] : []),
    ...(config.repositoryKeyCheck ? [] : ["--no-gpg-checks"]),
  ];
}

/** Text of a zypp.conf. */
function renderConfiguration(context: PackageContext): string {
  const { config } = context.image;
  const settings = {
    "rpm.install.excludedocs": config.withDocs ? "no" : "yes",
    // minutes: metadata as old as that is asked for again only when we say so
    "repo.refresh.delay": "2880",
    arch: context.architecture,
  };
  return `[main]\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("")}`;
}
