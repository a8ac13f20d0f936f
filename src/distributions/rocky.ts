// Rocky Linux.

import { DISTRIBUTIONS } from "../facts/distributions.ts";
import { rockyKey } from "../facts/rpm.ts";
import { enterpriseLinux, epel } from "./el.ts";
import { joinUrl } from "./naming.ts";
import { majorRelease, repository } from "./rpm.ts";

export const rocky = enterpriseLinux({
  name: "rocky",
  prettyName: DISTRIBUTIONS.rocky.prettyName,
  repositories(config, arch) {
    const { release, localMirror, mirror } = config;
    const keys = [rockyKey(majorRelease(release))];
    if (localMirror) return [repository("AppStream", localMirror, keys)];
    const list = (id: string) => `https://mirrors.rockylinux.org/mirrorlist?arch=${arch}&repo=${id}-${release}`;
    return [
      ...["BaseOS", "AppStream", "CRB", "extras"].map((id) =>
        mirror === null
          ? repository(id, list(id), keys, { list: "mirrorlist" })
          : repository(id, joinUrl(mirror, `${release}/${id}/${arch}/os`), keys),
      ),
      ...epel(config, arch),
    ];
  },
});
