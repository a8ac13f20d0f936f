// RHEL's universal base images: the part of it that needs no subscription.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { enterpriseLinux, epel } from "./el.ts";
import { joinUrl } from "./naming.ts";
import { redhatRepositories } from "./redhat.ts";
import { majorRelease } from "./rpm.ts";

const CDN = "https://cdn-ubi.redhat.com/content/public/ubi/dist";

export const rhelUbi = enterpriseLinux({
  name: "rhel-ubi",
  prettyName: DISTRIBUTIONS["rhel-ubi"].prettyName,
  repositories(config, arch) {
    const { release, mirror, localMirror } = config;
    const place = joinUrl(mirror ?? CDN, `ubi${majorRelease(release)}/${release}/${arch}`);
    return [...redhatRepositories(config, "ubi", place), ...(localMirror ? [] : epel(config, arch))];
  },
});
