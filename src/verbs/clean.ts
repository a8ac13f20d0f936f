// `mkosi clean`: removes the outputs and what is remembered of the build; with -f also the kept tools trees, with -ff also the downloaded packages.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { outputsOf, removePaths } from "../build/clean.ts";
import { rememberedIn, removeEmptyParents } from "../build/remember.ts";
import { toolsTreesOf } from "../build/toolbox.ts";
import { print } from "../report/print.ts";
import { cacheDirectory } from "./session.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  needsNamespace: true,
  async run({ args, project: load }) {
    const project = await load();
    const cache = cacheDirectory();
    const packageCaches = new Set(project.images.map(({ config }) => config.packageCacheDirectory ?? cache));
    const paths = [
      ...project.images.flatMap((image) => outputsOf(project, image)),
      ...(args.force > 0 ? toolsTreesOf(cache, project) : []),
      ...(args.force > 1 ? [...packageCaches].map((directory) => join(directory, "apt")) : []),
      ...rememberedIn(project).filter((directory) => existsSync(directory)),
    ];
    await removePaths(paths, (path) => args.quiet || print(`Removing ${path}`));
    await removeEmptyParents(project);
  },
};
