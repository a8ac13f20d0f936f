// What RHEL and its freely available part, UBI, have in common: Red Hat's layout of repositories.

import { redhatKey } from "../facts/rpm.ts";
import type { Repository } from "../package-managers/manager.ts";
import type { Config } from "../settings/index.ts";
import { majorRelease, repository } from "./rpm.ts";

export const REDHAT_SETS = ["baseos", "appstream", "codeready-builder"];

/** @param prefix `rhel` or `ubi` @param place the address below which the sets are */
export function redhatRepositories(
  { release, localMirror }: Config,
  prefix: string,
  place: string,
  options: Readonly<Record<string, string>> = {},
): readonly Repository[] {
  const keys = [redhatKey(majorRelease(release))];
  if (localMirror) return [repository(`${prefix}-${release}-baseos-rpms`, localMirror, keys)];
  const variants = [
    ["rpms", "os"],
    ["debug-rpms", "debug"],
    ["source", "source"],
  ] as const;
  return REDHAT_SETS.flatMap((set) =>
    variants.map(([suffix, path]) =>
      repository(`${prefix}-${release}-${set}-${suffix}`, `${place}/${set}/${path}`, keys, {
        ...(suffix === "rpms" ? {} : { optional: true }),
        ...(Object.keys(options).length === 0 ? {} : { options }),
      }),
    ),
  );
}
