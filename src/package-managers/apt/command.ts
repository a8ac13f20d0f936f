// Describes a run of apt or dpkg: our configuration, the cache and the tree at /buildroot, nothing of the host's apt.

import { bind, bindReadOnly, type Mount, type SandboxSpec } from "../../sandbox/spec.ts";
import type { ImageContext } from "../../tools/context.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import { localPackageMounts } from "../local-packages.ts";
import type { PackageContext } from "../manager.ts";
import { sandboxHas } from "../sandbox-files.ts";
import { scriptletEnvironment, scriptletMounts, userLinks } from "../scriptlets.ts";
import { LOCAL_PREFERENCES, PROXY_FILES, renderConfiguration } from "./configuration.ts";
import { findKeyrings } from "./keyrings.ts";
import { aptCache, CACHE } from "./layout.ts";
import { renderSources } from "./sources.ts";

const SOURCES = "/etc/apt/sources.list.d/mkosi.sources";

export interface AptCommand {
  readonly argv: readonly string[];
  /** The tree on the host that is /buildroot. */
  readonly root: string;
  readonly network?: boolean;
  /** Whether maintainer scripts run: they need /proc, /sys and /dev, and links to the image's users. */
  readonly scripts?: boolean;
  readonly mounts?: readonly Mount[];
  readonly output?: "log" | "capture";
  /** On top of what every run has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Put before our options for dpkg. */
  readonly dpkgOptions?: readonly string[];
}

/** The sandbox of an apt run. @throws {Failure} when a keyring is missing */
export function aptSpec(context: PackageContext, command: AptCommand): SandboxSpec {
  const { config } = context.image;
  const cache = aptCache(context);
  return {
    argv: command.argv,
    base: { kind: "tools", toolbox: context.toolbox },
    mounts: [
      bind(command.root, BUILDROOT),
      bind(cache.directory, CACHE),
      bind(cache.archives, `${CACHE}/archives`),
      { type: "dir", target: "/etc/apt/apt.conf.d" },
      { type: "dir", target: "/etc/apt/preferences.d" },
      { type: "dir", target: "/var/log/apt" },
      { type: "file", content: renderConfiguration(context, command.dpkgOptions), target: "/etc/apt.conf" },
      ...ownSources(context),
      ...localRepositories(context),
      ...localPackages(context),
      ...proxyFiles(config.proxyPeerCertificate, config.proxyClientCertificate, config.proxyClientKey),
      ...(command.scripts === true ? scriptMounts(command.root) : []),
      ...(command.mounts ?? []),
    ],
    env: { ...packageEnvironment(context), ...command.env },
    network: command.network ?? false,
    output: command.output ?? "log",
  };
}

/** The distribution's repositories, unless a sandbox tree has a file in their place. */
function ownSources(context: PackageContext): readonly Mount[] {
  if (sandboxHas(context, SOURCES)) return [];
  const { repositories, mounts } = findKeyrings(context);
  return [{ type: "file", content: renderSources(repositories), target: SOURCES }, ...mounts];
}

/** What maintainer scripts are told, besides the user's `Environment=`, which wins. */
export function packageEnvironment(context: ImageContext): Record<string, string> {
  const { config } = context.image;
  return {
    APT_CONFIG: "/etc/apt.conf",
    DEBIAN_FRONTEND: "noninteractive",
    DEBCONF_NONINTERACTIVE_SEEN: "true",
    HOME: "/",
    ...scriptletEnvironment(config),
    ...(config.bootable === "disabled" ? {} : { INITRD: "No" }),
    ...config.environment,
  };
}

function scriptMounts(root: string): Mount[] {
  return [...scriptletMounts(root, BUILDROOT), ...userLinks()];
}

function localPackages(context: PackageContext): Mount[] {
  if (context.localPackages.length === 0) return [];
  const preferences = "/etc/apt/preferences.d/mkosi-local.pref";
  return [...localPackageMounts(context), { type: "file", content: LOCAL_PREFERENCES, target: preferences }];
}

function localRepositories(context: PackageContext): Mount[] {
  return context.repositories
    .filter((repository) => repository.url.startsWith("file:"))
    .map((repository) => new URL(repository.url).pathname)
    .map((path) => bindReadOnly(path));
}

function proxyFiles(peer: string | null, client: string | null, key: string | null): Mount[] {
  const files: [string | null, string][] = [
    [peer, PROXY_FILES.peer],
    [client, PROXY_FILES.client],
    [key, PROXY_FILES.key],
  ];
  return files.flatMap(([source, target]) => (source === null ? [] : [bindReadOnly(source, target)]));
}
