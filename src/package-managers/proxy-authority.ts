// Programs that cannot be told which authorities vouch for a proxy know those of their system: the proxy's join them.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../report/failure.ts";
import { type Mount, toolboxRoot } from "../sandbox/spec.ts";
import type { PackageContext } from "./manager.ts";

/** Where systems have all authorities in one file. */
const BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** Puts the authorities of ProxyPeerCertificate= beside the toolbox's own. */
export function proxyAuthorityMounts({ image, toolbox }: PackageContext): readonly Mount[] {
  const { proxyUrl, proxyPeerCertificate } = image.config;
  // without an origin it is the system's own list
  if (!isSecure(proxyUrl) || proxyPeerCertificate === null || image.origin("proxyPeerCertificate") === undefined)
    return [];
  const root = realpathSync(toolboxRoot(toolbox));
  const own = readFileSync(proxyPeerCertificate, "utf8");
  const files = BUNDLES.map((path) => join(root, path)).filter((path) => existsSync(path));
  // one is often a link to another
  return [...new Set(files.map((path) => realpathSync(path)))]
    .filter((path) => path.startsWith(root))
    .map((path) => ({
      type: "file",
      content: `${readFileSync(path, "utf8")}\n${own}`,
      target: join("/", path.slice(root.length)),
    }));
}

/** @throws {Failure} when there is a certificate for the proxy, which the program has no way to show */
export function refuseProxyCertificate({ image }: PackageContext, program: string): void {
  const { proxyUrl, proxyClientCertificate } = image.config;
  if (!isSecure(proxyUrl) || proxyClientCertificate === null) return;
  throw new Failure(`ProxyClientCertificate=: ${program} cannot show a proxy a certificate`, {
    origin: image.origin("proxyClientCertificate"),
    remedy:
      "use a proxy that asks for none, or a Mirror= that needs no proxy (ProxyExclude=) and remove the certificate",
  });
}

function isSecure(url: string | null): boolean {
  return url?.startsWith("https:") === true;
}
