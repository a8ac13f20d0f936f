// What CacheOnly=always cannot do: install what was never downloaded.

import { Failure } from "../report/failure.ts";
import type { PackageContext } from "./manager.ts";

/** @param what `the package bash-5.rpm`; undefined where it is not known which they are */
export function notCached(
  { image, packageCache }: PackageContext,
  what: string | undefined,
  excerpt?: string,
): Failure {
  const are = what === undefined ? "some packages are" : `${what} is`;
  return new Failure(`${are} not in the package cache ${packageCache}, and CacheOnly=always forbids to download`, {
    origin: image.origin("cacheOnly"),
    remedy: "build once with the network, without CacheOnly=always",
    excerpt,
  });
}
