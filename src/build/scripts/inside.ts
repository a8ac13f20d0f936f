// What programs inside of an image need there beyond its own files: places for temporary files, signs of being in a
// build, and the host's resolver when they have network.

import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import { bind, bindReadOnly, type Mount } from "../../sandbox/spec.ts";
import { entryInside, statusInside } from "../../tools/inside.ts";

/** @param vartmp a directory of the host for /var/tmp, which may become large */
export function insideMounts(vartmp: string): readonly Mount[] {
  return [
    bind(vartmp, "/var/tmp"),
    // Sockets of gpg are put there.
    { type: "dir", target: "/run/user/0" },
    { type: "file", content: "mkosi", target: "/run/host/container-manager" },
  ];
}

const RESOLVER = "/etc/resolv.conf";

/** The host's resolver for the image; disposing of it removes what was put there to mount it on. */
export function resolverMounts(root: string): Disposable & { readonly mounts: readonly Mount[] } {
  const path = entryInside(root, RESOLVER);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink() === true) {
    const target = posix.resolve("/etc", readlinkSync(path));
    // /run is empty there, so the file can be made; anywhere else it would be left in the image.
    const mounts = target.startsWith("/run/") ? [bindReadOnly(RESOLVER, target)] : [];
    return { mounts, [Symbol.dispose]: () => {} };
  }
  if (statusInside(root, "etc") === undefined) return { mounts: [], [Symbol.dispose]: () => {} };
  const mounts = [bindReadOnly(RESOLVER)];
  if (entry !== undefined) return { mounts, [Symbol.dispose]: () => {} };
  writeFileSync(path, "");
  return {
    mounts,
    [Symbol.dispose]() {
      if (existsSync(path) && readFileSync(path, "utf8") === "") rmSync(path);
    },
  };
}
