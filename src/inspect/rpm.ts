// rpm's database of an image that may be of any distribution.

import { existsSync } from "node:fs";
import { DATABASE, OLD_DATABASE, type RpmLayout } from "../package-managers/rpm/database.ts";
import { CommandFailure } from "../sandbox/spawn.ts";
import type { ImageContext } from "../tools/context.ts";
import { pathInside } from "../tools/inside.ts";
import { hasTool } from "../tools/tool.ts";

/** What `read` finds in the database of a tree; nothing where there is none, or no rpm to read it with. */
export async function fromRpm<T>(
  context: ImageContext,
  root: string,
  read: (context: ImageContext, root: string, layout: RpmLayout) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const database = [DATABASE, OLD_DATABASE].find((path) => existsSync(pathInside(root, path)));
  if (database === undefined || !hasTool(context.toolbox, "rpm")) return [];
  return await read(context, root, { database }).catch((error: unknown) => {
    // A directory of that name need not be a database.
    if (error instanceof CommandFailure) return [];
    throw error;
  });
}
