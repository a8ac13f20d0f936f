// What the user's SandboxTrees= say about repositories: their files lie where a package manager looks for its own.

import { lstatSync } from "node:fs";
import { join } from "node:path";
import { sandboxTree } from "../sandbox/spec.ts";
import type { ImageContext } from "../tools/context.ts";
import { digestTree } from "../tools/digest.ts";

/** Whether they have a file or directory at a path of the sandbox: then nothing of ours is put there. */
export function sandboxHas({ toolbox }: Pick<ImageContext, "toolbox">, path: string): boolean {
  const tree = sandboxTree(toolbox);
  return tree !== undefined && lstatSync(join(tree.directory, path), { throwIfNoEntry: false }) !== undefined;
}

/** Changes when what they have at one of these paths does; undefined where they have nothing. */
export function sandboxState(context: Pick<ImageContext, "toolbox">, paths: readonly string[]): string | undefined {
  const tree = sandboxTree(context.toolbox);
  const present = tree === undefined ? [] : paths.filter((path) => sandboxHas(context, path));
  if (tree === undefined || present.length === 0) return undefined;
  return JSON.stringify(present.map((path) => [path, digestTree(join(tree.directory, path))]));
}
