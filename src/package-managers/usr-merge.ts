// The links that make /bin, /sbin and /lib* parts of /usr. They must be there before the first package is unpacked,
// or its files make directories of them.

import { lstat, mkdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { USR_MERGE_DIRECTORIES } from "../facts/debian.ts";
import { Failure } from "../report/failure.ts";

/**
 * Makes the links in a tree.
 * @param architecture dpkg's name
 * @throws {Failure} when a skeleton tree has a directory of its own in a link's place
 */
export async function mergeUsr(root: string, architecture: string): Promise<void> {
  for (const name of ["bin", "sbin", "lib", ...(USR_MERGE_DIRECTORIES[architecture] ?? [])]) {
    await mkdir(join(root, "usr", name), { recursive: true });
    const path = join(root, name);
    const present = await lstat(path).catch(() => undefined);
    if (present === undefined) await symlink(`usr/${name}`, path);
    else await checkLink(path, name);
  }
}

async function checkLink(path: string, name: string): Promise<void> {
  const target = await readlink(path).catch(() => undefined);
  if (target?.replace(/^\//, "") === `usr/${name}`) return;
  throw new Failure(`/${name} of the skeleton tree is in the way: in Debian it is a link to usr/${name}`, {
    remedy: `move its content to usr/${name} in mkosi.skeleton/ (SkeletonTrees=)`,
  });
}
