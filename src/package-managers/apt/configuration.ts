// The apt.conf that our apt reads instead of the host's, see apt.conf(5) and dpkg(1).

import type { Config } from "../../settings/index.ts";
import { BUILDROOT } from "../../tools/tool.ts";
import { packagePlace } from "../local-packages.ts";
import type { PackageContext } from "../manager.ts";
import { CACHE } from "./layout.ts";

/** Documentation that `WithDocs=no` leaves out; licences stay, as Debian's policy wants them with every package. */
export const DOCUMENTATION: readonly string[] = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/groff/*",
  "/usr/share/gtk-doc/*",
  "/usr/share/info/*",
];
export const LICENCES = "/usr/share/doc/*/copyright";

/** dpkg's options for a run on the tree at BUILDROOT. */
export function dpkgOptions(config: Config): string[] {
  return [
    `--root=${BUILDROOT}`,
    "--force-unsafe-io",
    "--force-architecture",
    "--force-depends",
    "--no-debsig",
    // a configuration file of a skeleton tree stays, without a question that nobody could answer
    "--force-confdef",
    "--force-confold",
    ...(config.withDocs
      ? []
      : [...DOCUMENTATION.map((glob) => `--path-exclude=${glob}`), `--path-include=${LICENCES}`]),
  ];
}

/** Text of the apt.conf for a context. It is read first, so that files in a sandbox tree's /etc/apt/apt.conf.d can override it. */
export function renderConfiguration(context: PackageContext, firstOptions: readonly string[] = []): string {
  const { config } = context.image;
  const settings: [string, string | boolean][] = [
    ["Dir::Etc", "/etc/apt"],
    ["Dir::Cache", CACHE],
    ["Dir::State", `${BUILDROOT}/var/lib/apt`],
    ["Dir::State::lists", `${CACHE}/lists`],
    ["Dir::State::status", `${BUILDROOT}/var/lib/dpkg/status`],
    ["Dir::Log", "/var/log/apt"],
    ["Dir::Cache::pkgcache", ""],
    // the solver's input, compressed for a log that nobody reads
    ["Dir::Log::Planner", ""],
    ["APT::Architecture", context.architecture],
    ["APT::Architectures", context.architecture],
    ["APT::Install-Recommends", config.withRecommends],
    ["APT::Get::Assume-Yes", true],
    ["APT::Get::AutomaticRemove", true],
    ["APT::Get::Allow-Change-Held-Packages", true],
    ["APT::Get::Allow-Remove-Essential", true],
    ["APT::Immediate-Configure", false],
    ["APT::Sandbox::User", "root"],
    ["APT::Color", false],
    ["Acquire::Languages", "none"],
    ["Acquire::PDiffs", false],
    ["Acquire::Retries", "3"],
    ["Acquire::AllowReleaseInfoChange", true],
    // a snapshot, and a machine whose clock is ahead, have metadata that is past its date
    ["Acquire::Check-Valid-Until", false],
    ["DPkg::Use-Pty", false],
    ["DPkg::Install::Recursive::Minimum", "1000"],
    // our own lock covers the cache, and the tree belongs to one build alone
    ["Debug::NoLocking", true],
    ["pkgCacheGen::ForceEssential", ","],
    ...(config.repositoryKeyCheck
      ? []
      : ([
          ["Acquire::AllowInsecureRepositories", true],
          ["Acquire::AllowDowngradeToInsecureRepositories", true],
          ["APT::Get::AllowUnauthenticated", true],
        ] as [string, boolean][])),
    ...proxy(config),
  ];
  const lists: [string, readonly string[]][] = [
    ["DPkg::Options", [...firstOptions, ...dpkgOptions(config)]],
    ["APT::Sources::With", context.localPackages.map(packagePlace)],
  ];
  return [
    ...settings.map(([name, value]) => `${name} "${quote(String(value))}";\n`),
    ...lists.map(([name, values]) => `${name} { ${values.map((value) => `"${quote(value)}";`).join(" ")} };\n`),
  ].join("");
}

/** What is on this machine (apt calls it the archive local-deb) is preferred to what is elsewhere, also where it is older. */
export const LOCAL_PREFERENCES = `Package: *
Pin: release a=local-deb
Pin-Priority: 1100
`;

/** Where the proxy's certificates are in the sandbox. */
export const PROXY_FILES = {
  peer: "/etc/mkosi-proxy/peer.crt",
  client: "/etc/mkosi-proxy/client.crt",
  key: "/etc/mkosi-proxy/client.key",
} as const;

function proxy(config: Config): [string, string][] {
  const { proxyUrl } = config;
  if (!proxyUrl) return [];
  const settings: [string, string][] = [
    ["Acquire::http::Proxy", proxyUrl],
    ["Acquire::https::Proxy", proxyUrl],
    ...(config.proxyExclude ?? []).flatMap((host): [string, string][] => [
      [`Acquire::http::Proxy::${host}`, "DIRECT"],
      [`Acquire::https::Proxy::${host}`, "DIRECT"],
    ]),
  ];
  if (config.proxyPeerCertificate !== null) settings.push(["Acquire::https::CAInfo", PROXY_FILES.peer]);
  if (config.proxyClientCertificate !== null) settings.push(["Acquire::https::SslCert", PROXY_FILES.client]);
  if (config.proxyClientKey !== null) settings.push(["Acquire::https::SslKey", PROXY_FILES.key]);
  return settings;
}

/** apt.conf has no escape for a quote; the only values of the user here are of URLs and hosts, where it is written so. */
function quote(value: string): string {
  return value.replaceAll('"', "%22");
}
