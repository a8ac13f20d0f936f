// Where the tools come from: the host, a tree that ToolsTree= names, or the default tools tree, which is built once
// for each of its configurations and kept in the user's cache.

import { access, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Image, Project } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { withLock } from "../sandbox/lock.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { layerKey } from "./layers.ts";

/** Written last into a kept tools tree, beside its root: a tree without it is not finished. */
const COMPLETE = "complete";

export interface ToolboxOptions {
  /** The user's cache directory. */
  readonly cache: string;
  /** Whether a kept default tools tree is built again. */
  readonly rebuild: boolean;
  /** Builds the image, Format=directory, into a directory on the host: the tree is there under the name of Output=. */
  build(image: Image, directory: string): Promise<void>;
  /** Called once when another process builds a tools tree. */
  onWait(): void;
}

/** The toolbox that a project's configuration asks for. @throws {Failure} when a named tree is not one */
export async function obtainToolbox(project: Project, options: ToolboxOptions): Promise<Toolbox> {
  const main = project.images.at(-1);
  if (main === undefined) throw new Error("a project without images");
  const { toolsTree, extraSearchPaths } = main.config;
  const searchPaths = extraSearchPaths;
  if (project.tools !== undefined) return { kind: "tree", root: await defaultTree(project.tools, options), searchPaths };
  if (toolsTree === null) return { kind: "host", searchPaths };
  await access(join(toolsTree, "usr")).catch((cause: unknown) => {
    throw new Failure(`the tools tree ${toolsTree} has no /usr`, {
      origin: main.origin("toolsTree"),
      remedy: "name the root directory of a system with the tools, or set ToolsTree=default",
      cause,
    });
  });
  return { kind: "tree", root: toolsTree, searchPaths };
}

async function defaultTree(image: Image, options: ToolboxOptions): Promise<string> {
  const place = join(options.cache, "tools", layerKey([], toolsInputs(image)).slice(0, 16));
  const root = join(place, image.config.output);
  return await withLock(
    join(options.cache, "tools", "lock"),
    async () => {
      const complete = join(place, COMPLETE);
      const kept = !options.rebuild && (await exists(complete));
      if (!kept) {
        await rm(place, { recursive: true, force: true });
        await mkdir(place, { recursive: true });
        await options.build(image, place);
        await writeFile(complete, "");
      }
      // The time of last use, for whoever wants to make room.
      const now = new Date();
      await utimes(complete, now, now);
      return root;
    },
    { onWait: options.onWait },
  );
}

/** What makes one default tools tree differ from another. */
function toolsInputs({ config }: Image): unknown {
  const { distribution, release, architecture, mirror, repositories, packages, repositoryKeyCheck, withDocs, withRecommends, removeFiles, removePackages } = config;
  return { distribution, release, architecture, mirror, repositories, packages, repositoryKeyCheck, withDocs, withRecommends, removeFiles, removePackages };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
