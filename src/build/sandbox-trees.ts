// SandboxTrees=: configuration of the tools, copied once for all images that have the same, and put over the toolbox.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "../config/project.ts";
import { withSandboxTree } from "../sandbox/merged-toolbox.ts";
import type { Runner, Toolbox } from "../sandbox/spec.ts";
import { copyTrees } from "./steps/trees.ts";
import { keyOf } from "./store/key.ts";

/** The toolboxes of one run of the program. Disposing of it takes the trees off them. */
export interface SandboxTrees extends AsyncDisposable {
  /** The toolbox that an image is built with. @throws {Failure} when a tree cannot be copied */
  put(image: Image, toolbox: Toolbox, runner: Runner): Promise<Toolbox>;
}

/** @param directory a directory of the workspace */
export function sandboxTreesIn(directory: string): SandboxTrees {
  const made = new Map<string, ReturnType<typeof make>>();

  async function make(image: Image, toolbox: Toolbox, runner: Runner, place: string) {
    const [root, merged] = [join(place, "trees"), join(place, "merged")];
    await mkdir(root, { recursive: true });
    await copyTrees({ image, runner, toolbox, root }, "sandboxTrees");
    return await withSandboxTree(toolbox, root, merged);
  }

  return {
    async put(image, toolbox, runner) {
      const { sandboxTrees } = image.config;
      if (sandboxTrees.length === 0) return toolbox;
      const key = keyOf([sandboxTrees, toolbox]);
      const work = made.get(key) ?? make(image, toolbox, runner, join(directory, key.slice(0, 16)));
      made.set(key, work);
      return (await work).toolbox;
    },
    async [Symbol.asyncDispose]() {
      for (const result of await Promise.allSettled(made.values()))
        if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
    },
  };
}
