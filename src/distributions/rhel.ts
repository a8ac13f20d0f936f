// Red Hat Enterprise Linux, from Red Hat with the certificates of a subscription, or from a mirror of one's own.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { Failure } from "../report/failure.ts";
import type { Distribution } from "./distribution.ts";
import { enterpriseLinux, epel } from "./el.ts";
import { joinUrl } from "./naming.ts";
import { redhatRepositories } from "./redhat.ts";
import { majorRelease } from "./rpm.ts";

const CDN = "https://cdn.redhat.com/content/dist";

/** Where subscription-manager puts what proves a subscription. */
const AUTHORITY = "/etc/rhsm/ca/redhat-uep.pem";
const ENTITLEMENTS = "/etc/pki/entitlement";

const plain = enterpriseLinux({
  name: "rhel",
  prettyName: DISTRIBUTIONS.rhel.prettyName,
  repositories(config, arch) {
    const { release, mirror, localMirror } = config;
    const path = `rhel${majorRelease(release)}/${release}/${arch}`;
    const place = joinUrl(mirror ?? CDN, path);
    const options = mirror === null && !localMirror ? subscription() : undefined;
    return [...redhatRepositories(config, "rhel", place, options), ...(localMirror ? [] : epel(config, arch))];
  },
});

export const rhel: Distribution = {
  ...plain,
  validate(image) {
    plain.validate(image);
    const { mirror, localMirror } = image.config;
    if (mirror || localMirror || subscription() !== undefined) return;
    throw new Failure("this machine has no subscription to Red Hat Enterprise Linux", {
      origin: image.origin("distribution"),
      remedy: `register it (subscription-manager register), which makes ${AUTHORITY} and a certificate in ${ENTITLEMENTS}; or set Mirror=; rhel-ubi needs no subscription`,
    });
  },
};

/** The certificates for Red Hat's servers, as a repository's definition has them. */
function subscription(): Readonly<Record<string, string>> | undefined {
  if (!existsSync(AUTHORITY) || !existsSync(ENTITLEMENTS)) return undefined;
  const key = readdirSync(ENTITLEMENTS).find((name) => name.endsWith("-key.pem"));
  if (key === undefined) return undefined;
  return {
    sslcacert: AUTHORITY,
    sslclientkey: join(ENTITLEMENTS, key),
    sslclientcert: join(ENTITLEMENTS, key.replace(/-key\.pem$/, ".pem")),
  };
}
