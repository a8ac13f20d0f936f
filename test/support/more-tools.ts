// Programs that the default tools tree lacks: what packages of its distribution put on top of it, as a tree for
// SandboxTrees=.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkosiOk } from "./mkosi.ts";
import { keptToolsTree } from "./tools-tree.ts";

export interface MoreTools {
  readonly directory: string;
  remove(): void;
}

/** Installs packages on top of the kept tools tree, by mkosi itself; the tools tree stays as it is. */
export async function moreTools(packages: readonly string[]): Promise<MoreTools> {
  const place = mkdtempSync(join(tmpdir(), "mkosi-test-more-"));
  const tools = keptToolsTree();
  await mkosiOk(
    [
      ...["--distribution=debian", "--release=forky", "--format=directory", "--bootable=no", "--output=tree"],
      ...["--overlay=yes", `--base-tree=${tools}`, `--tools-tree=${tools}`, `--package=${packages.join(",")}`],
      ...["--remove-files=/var", "--remove-files=/run"],
    ],
    { cwd: place },
  );
  return { directory: join(place, "tree"), remove: () => rmSync(place, { recursive: true, force: true }) };
}
