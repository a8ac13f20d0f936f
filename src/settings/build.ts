// The [Build] section: how the build works, its caches, environment and network.

import { defaultRanges, projectAsSource, proxyExceptions, proxyOfEnvironment, systemCertificates } from "./defaults.ts";
import { boolean, feature } from "./types/boolean.ts";
import { oneOfOrBoolean } from "./types/choice.ts";
import { list, map } from "./types/list.ts";
import { integer } from "./types/number.ts";
import { path, paths, trees } from "./types/path.ts";
import { stringAs, words } from "./types/text.ts";
import { setting } from "./setting.ts";

export const build = {
  incremental: setting({
    name: "Incremental", section: "Build", option: "incremental", short: "i", shortMeans: "yes",
    type: oneOfOrBoolean(["yes", "no", "strict"], { yes: "yes", no: "no" }), default: "no", scope: "universal",
    help: "Whether steps are kept for the next build; strict refuses to build without them.",
  }),
  cacheOnly: setting({
    name: "CacheOnly", section: "Build", option: "cache-only",
    type: oneOfOrBoolean(["always", "auto", "metadata", "never"], { yes: "always", no: "auto" }), default: "auto",
    scope: "inherit", help: "Whether packages and metadata may be fetched or must be in the cache.",
  }),
  sandboxTrees: setting({
    name: "SandboxTrees", section: "Build", option: "sandbox-tree", type: list(trees({ required: true })),
    scope: "universal", pickup: ["mkosi.sandbox", "mkosi.sandbox.tar", "mkosi.pkgmngr", "mkosi.pkgmngr.tar"],
    tools: true, oldNames: ["PackageManagerTrees"], oldOptions: ["package-manager-tree"],
    help: "Trees with configuration of package managers and other tools (etc/apt, etc/dnf and so on).",
  }),
  workspaceDirectory: setting({
    name: "WorkspaceDirectory", section: "Build", option: "workspace-directory",
    type: path({ required: false }, "DIR"), scope: "multiversal", oldOptions: ["workspace-dir"],
    help: "Where the image is worked on.",
  }),
  cacheDirectory: setting({
    name: "CacheDirectory", section: "Build", option: "cache-directory", type: path({ required: false }, "DIR"),
    scope: "universal", pickup: ["mkosi.cache"], oldOptions: ["cache-dir"],
    help: "Where steps that are kept are stored.",
  }),
  cacheKey: setting({
    name: "CacheKey", section: "Build", option: "cache-key", type: stringAs("KEY"), default: "&d~&r~&a~&I",
    scope: "inherit", help: "The name under which this configuration's steps are kept.",
  }),
  packageCacheDirectory: setting({
    name: "PackageCacheDirectory", section: "Build", option: "package-cache-directory",
    type: path({ required: false }, "DIR"), scope: "multiversal", pickup: ["mkosi.pkgcache"],
    oldOptions: ["package-cache-dir"], help: "Where packages and repository metadata are stored.",
  }),
  buildDirectory: setting({
    name: "BuildDirectory", section: "Build", option: "build-directory", type: path({ required: false }, "DIR"),
    scope: "universal", pickup: ["mkosi.builddir"], oldOptions: ["build-dir"],
    help: "A directory for build scripts that is kept between builds.",
  }),
  buildKey: setting({
    name: "BuildKey", section: "Build", option: "build-key", type: stringAs("KEY"), default: "&d~&r~&a",
    scope: "inherit", help: "The name of this configuration's part of the build directory.",
  }),
  useSubvolumes: setting({
    name: "UseSubvolumes", section: "Build", option: "use-subvolumes", type: feature, scope: "universal",
    help: "Whether directories are made as btrfs subvolumes.",
  }),
  repartOffline: setting({
    name: "RepartOffline", section: "Build", option: "repart-offline", type: boolean, default: true,
    scope: "universal", help: "Whether systemd-repart works without loop devices.",
  }),
  history: setting({
    name: "History", section: "Build", option: "history", type: boolean, scope: "main",
    help: "Whether the options of the last build are remembered for verbs that use the image.",
  }),
  buildSources: setting({
    name: "BuildSources", section: "Build", option: "build-sources",
    type: list(trees({ absolute: false, required: true, directory: true })), default: projectAsSource,
    scope: "multiversal", match: "build-sources", help: "Directories that scripts see as their sources.",
  }),
  buildSourcesEphemeral: setting({
    name: "BuildSourcesEphemeral", section: "Build", option: "build-sources-ephemeral",
    type: oneOfOrBoolean(["yes", "no", "buildcache"], { yes: "yes", no: "no" }), default: "no", scope: "multiversal",
    help: "Whether changes that scripts make to the sources are thrown away.",
  }),
  environment: setting({
    name: "Environment", section: "Build", option: "environment", short: "E",
    type: map("variables (NAME=VALUE)", "NAME[=VALUE]", { fromEnvironment: true }), scope: "local", match: "entry",
    tools: true, help: "Variables for scripts: NAME=VALUE, or NAME to take it from the environment.",
  }),
  environmentFiles: setting({
    name: "EnvironmentFiles", section: "Build", option: "env-file", type: list(paths()), scope: "local",
    pickup: ["mkosi.env"], tools: true, help: "Files with variables for scripts.",
  }),
  withTests: setting({
    name: "WithTests", section: "Build", option: "with-tests", short: "T", shortMeans: "no", type: boolean,
    default: true, scope: "universal", help: "Whether build scripts run tests ($WITH_TESTS).",
  }),
  withNetwork: setting({
    name: "WithNetwork", section: "Build", option: "with-network", type: boolean, scope: "universal",
    help: "Whether build scripts have network.",
  }),
  proxyUrl: setting({
    name: "ProxyUrl", section: "Build", option: "proxy-url", type: stringAs("URL"), default: proxyOfEnvironment,
    emptyUnsets: true, scope: "multiversal", help: "The proxy for downloads.",
  }),
  proxyExclude: setting({
    name: "ProxyExclude", section: "Build", option: "proxy-exclude", type: list(words("hosts", "HOST")),
    default: proxyExceptions, scope: "multiversal", help: "Hosts that are reached without proxy.",
  }),
  proxyPeerCertificate: setting({
    name: "ProxyPeerCertificate", section: "Build", option: "proxy-peer-certificate", type: path(),
    default: systemCertificates, emptyUnsets: true, scope: "multiversal",
    help: "The certificates that an HTTPS proxy is verified with.",
  }),
  proxyClientCertificate: setting({
    name: "ProxyClientCertificate", section: "Build", option: "proxy-client-certificate",
    type: path({ secret: true }), scope: "multiversal", help: "The certificate we show to an HTTPS proxy.",
  }),
  proxyClientKey: setting({
    name: "ProxyClientKey", section: "Build", option: "proxy-client-key", type: path({ secret: true }),
    default: (context) => context.get("proxyClientCertificate") as string | null, emptyUnsets: true,
    scope: "multiversal", help: "The private key to the certificate we show to an HTTPS proxy.",
  }),
  makeScriptsExecutable: setting({
    name: "MakeScriptsExecutable", section: "Build", option: "make-scripts-executable", type: boolean,
    scope: "multiversal", help: "Whether scripts that lack the executable bit get it.",
  }),
  foreignUidRange: setting({
    name: "ForeignUIDRange", section: "Build", option: "foreign-uid-range", type: boolean, scope: "main",
    help: "Whether outputs belong to the foreign UID range, for containers and machines without root.",
  }),
  delegateRanges: setting({
    name: "DelegateRanges", section: "Build", option: "delegate-ranges", type: integer, default: defaultRanges,
    scope: "main", help: "How many further ranges of 65536 users are mapped into the build's namespace.",
  }),
};
