// Follows symbolic links of a tree as if the tree were the root of the file system.

import { lstat, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** As many as the kernel follows. */
const MAX_LINKS = 40;

/**
 * Resolves a path as if `root` were the root directory.
 * @param path relative to the root; a leading slash is ignored
 * @returns the links on the way, and where they lead, relative to the root; no target: it leads nowhere
 */
export async function resolveLinks(
  root: string,
  path: string,
): Promise<{ readonly links: readonly string[]; readonly target: string | undefined }> {
  const links: string[] = [];
  const pending = path.split("/");
  let target = "";
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      target = dirname(target) === "." ? "" : dirname(target);
      continue;
    }
    const next = join(target, part);
    const status = await lstat(join(root, next)).catch(() => undefined);
    if (status === undefined || links.length > MAX_LINKS) return { links, target: undefined };
    if (!status.isSymbolicLink()) {
      target = next;
      continue;
    }
    links.push(next);
    const content = await readlink(join(root, next));
    if (content.startsWith("/")) target = "";
    pending.unshift(...content.split("/"));
  }
  return { links, target };
}
