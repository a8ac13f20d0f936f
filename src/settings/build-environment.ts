// The [Build] section: variables, network and proxies of a build.

import { proxyExceptions, proxyOfEnvironment, systemCertificates } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { list, map } from "./types/list.ts";
import { path, paths } from "./types/path.ts";
import { stringAs, words } from "./types/text.ts";

export const buildEnvironment = {
  environment: setting({
    name: "Environment",
    section: "Build",
    option: "environment",
    short: "E",
    type: map("variables (NAME=VALUE)", "NAME[=VALUE]", { fromEnvironment: true }),
    scope: "local",
    match: "entry",
    tools: true,
    help: "Variables for scripts: NAME=VALUE, or NAME to take it from the environment.",
  }),
  environmentFiles: setting({
    name: "EnvironmentFiles",
    section: "Build",
    option: "env-file",
    type: list(paths()),
    scope: "local",
    pickup: ["mkosi.env"],
    tools: true,
    help: "Files with variables for scripts.",
  }),
  withTests: setting({
    name: "WithTests",
    section: "Build",
    option: "with-tests",
    short: "T",
    shortMeans: "no",
    type: boolean,
    default: true,
    scope: "universal",
    help: "Whether build scripts run tests ($WITH_TESTS).",
  }),
  withNetwork: setting({
    name: "WithNetwork",
    section: "Build",
    option: "with-network",
    type: boolean,
    scope: "universal",
    help: "Whether build scripts have network.",
  }),
  proxyUrl: setting({
    name: "ProxyUrl",
    section: "Build",
    option: "proxy-url",
    type: stringAs("URL"),
    default: proxyOfEnvironment,
    emptyUnsets: true,
    scope: "multiversal",
    help: "The proxy for downloads.",
  }),
  proxyExclude: setting({
    name: "ProxyExclude",
    section: "Build",
    option: "proxy-exclude",
    type: list(words("hosts", "HOST")),
    default: proxyExceptions,
    scope: "multiversal",
    help: "Hosts that are reached without proxy.",
  }),
  proxyPeerCertificate: setting({
    name: "ProxyPeerCertificate",
    section: "Build",
    option: "proxy-peer-certificate",
    type: path(),
    default: systemCertificates,
    emptyUnsets: true,
    scope: "multiversal",
    help: "The certificates that an HTTPS proxy is verified with.",
  }),
  proxyClientCertificate: setting({
    name: "ProxyClientCertificate",
    section: "Build",
    option: "proxy-client-certificate",
    type: path({ secret: true }),
    scope: "multiversal",
    help: "The certificate we show to an HTTPS proxy.",
  }),
  proxyClientKey: setting({
    name: "ProxyClientKey",
    section: "Build",
    option: "proxy-client-key",
    type: path({ secret: true }),
    default: (context) => context.get("proxyClientCertificate") as string | null,
    emptyUnsets: true,
    scope: "multiversal",
    help: "The private key to the certificate we show to an HTTPS proxy.",
  }),
};
