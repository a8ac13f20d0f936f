// A toolbox with SandboxTrees= on top: its /usr and what is taken from its /etc are merged with theirs. Programs, keyrings
// and certificates are then found at one root, wherever they come from.

import { lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { mountOverlay, unmount } from "./mount.ts";
import { TOOLBOX_ETC } from "./sandbox-tree.ts";
import { type Toolbox, toolboxRoot } from "./spec.ts";

/**
 * A toolbox with a tree on top of it.
 * @param directory the tree
 * @param place an empty directory, for what is merged; it may be removed only after the result was disposed of
 */
export async function withSandboxTree(
  beneath: Toolbox,
  directory: string,
  place: string,
): Promise<AsyncDisposable & { readonly toolbox: Toolbox }> {
  const root = toolboxRoot(beneath);
  const mounts: string[] = [];
  mkdirSync(join(place, "etc"), { recursive: true });
  for (const path of ["usr", ...TOOLBOX_ETC.map((name) => join("etc", name))]) {
    const [below, above] = [join(root, path), join(directory, path)];
    const target = join(place, path);
    if (isDirectory(below) && isDirectory(above)) {
      await mountOverlay({ lowers: [below, above], target });
      mounts.push(target);
    } else if (lstatSync(above, { throwIfNoEntry: false }) !== undefined) symlinkSync(above, target);
    else if (lstatSync(below, { throwIfNoEntry: false }) !== undefined) symlinkSync(below, target);
  }
  return {
    toolbox: { kind: "tree", root: place, searchPaths: beneath.searchPaths, sandbox: { directory, beneath } },
    async [Symbol.asyncDispose]() {
      for (const target of mounts) await unmount(target);
    },
  };
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
