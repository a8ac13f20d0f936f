// AlmaLinux.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { almaKey } from "../facts/rpm.ts";
import { enterpriseLinux, epel } from "./el.ts";
import { joinUrl } from "./naming.ts";
import { majorRelease, repository } from "./rpm.ts";

export const alma = enterpriseLinux({
  name: "alma",
  prettyName: DISTRIBUTIONS.alma.prettyName,
  repositories(config, arch) {
    const { release, localMirror, mirror } = config;
    const keys = [almaKey(majorRelease(release))];
    if (localMirror) return [repository("AppStream", localMirror, keys)];
    return [
      ...["BaseOS", "AppStream", "CRB", "extras"].map((id) =>
        mirror === null
          ? repository(id, `https://mirrors.almalinux.org/mirrorlist/${release}/${id.toLowerCase()}`, keys, {
              list: "mirrorlist",
            })
          : repository(id, joinUrl(mirror, `${release}/${id}/${arch}/os`), keys),
      ),
      ...epel(config, arch),
    ];
  },
});
