// The proxy of ProxyUrl= and its friends, for programs that download by libcurl.

import { bindReadOnly, type Mount } from "../sandbox/spec.ts";
import type { Config } from "../settings/index.ts";

/** Where the proxy's certificates are in the sandbox. */
const FILES = {
  peer: "/etc/mkosi-proxy/peer.crt",
  client: "/etc/mkosi-proxy/client.crt",
  key: "/etc/mkosi-proxy/client.key",
} as const;

export interface Proxy {
  readonly url: string;
  readonly peerCertificate: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
}

/** The proxy, with paths inside the sandbox. Undefined where there is none. */
export function proxyOf({
  proxyUrl,
  proxyPeerCertificate,
  proxyClientCertificate,
  proxyClientKey,
}: Config): Proxy | undefined {
  if (!proxyUrl) return undefined;
  return {
    url: proxyUrl,
    peerCertificate: proxyPeerCertificate === null ? undefined : FILES.peer,
    clientCertificate: proxyClientCertificate === null ? undefined : FILES.client,
    clientKey: proxyClientKey === null ? undefined : FILES.key,
  };
}

/** libcurl has the names of hosts that are asked directly from here. */
export function proxyEnvironment({ proxyUrl, proxyExclude }: Config): Record<string, string> {
  if (!proxyUrl) return {};
  return {
    http_proxy: proxyUrl,
    https_proxy: proxyUrl,
    ...(proxyExclude === null || proxyExclude.length === 0 ? {} : { no_proxy: proxyExclude.join(",") }),
  };
}

export function proxyMounts(config: Config): Mount[] {
  const files: [string | null, string][] = [
    [config.proxyPeerCertificate, FILES.peer],
    [config.proxyClientCertificate, FILES.client],
    [config.proxyClientKey, FILES.key],
  ];
  return files.flatMap(([source, target]) => (source === null ? [] : [bindReadOnly(source, target)]));
}
