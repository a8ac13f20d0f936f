// Lists a tree: everything that is in it, with owners, modes and sizes.

import { bindReadOnly } from "../sandbox/spec.ts";
import type { ImageContext } from "../tools/context.ts";
import { captureTool } from "../tools/tool.ts";
import type { Entry } from "./contents.ts";

const TREE = "/tree";
/** What find(1) prints of each: nothing in it can hold a NUL. */
const FIELDS = ["%y", "%m", "%U", "%G", "%s", "%T@", "%D:%i", "%n", "%l", "%P"];

const TYPES: Readonly<Record<string, Entry["type"]>> = {
  f: "file",
  d: "directory",
  l: "link",
  b: "device",
  c: "device",
  p: "fifo",
  s: "socket",
};

/** All of a tree, by path. @param root in our own mount namespace @throws {CommandFailure} */
export async function listEntries(context: ImageContext, root: string): Promise<readonly Entry[]> {
  const format = FIELDS.map((field) => `${field}\\0`).join("");
  const text = await captureTool(context, {
    argv: ["find", TREE, "-mindepth", "1", "-printf", format],
    mounts: [bindReadOnly(root, TREE)],
  });
  return parseEntries(text);
}

/** @param text what find has printed */
export function parseEntries(text: string): readonly Entry[] {
  const fields = text.split("\0");
  const found: (Entry & { readonly inode: string | undefined })[] = [];
  for (let at = 0; at + FIELDS.length <= fields.length; at += FIELDS.length) {
    const [type = "", mode = "", uid, gid, size, mtime, inode, names, target = "", path = ""] = fields.slice(
      at,
      at + FIELDS.length,
    );
    const kind = TYPES[type] ?? "file";
    found.push({
      path,
      type: kind,
      mode: Number.parseInt(mode, 8),
      uid: Number(uid),
      gid: Number(gid),
      size: kind === "file" ? Number(size) : 0,
      mtime: Math.floor(Number(mtime)),
      ...(kind === "link" ? { target } : {}),
      inode: kind === "file" && Number(names) > 1 ? inode : undefined,
    });
  }
  found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const first = new Map<string, string>();
  return found.map(({ inode, ...entry }) => {
    const known = inode === undefined ? undefined : first.get(inode);
    if (inode !== undefined && known === undefined) first.set(inode, entry.path);
    return known === undefined ? entry : { ...entry, size: 0, sameAs: known };
  });
}
