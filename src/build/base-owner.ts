// Says when a base tree is what a step could not write over: as a user one has only the files of one's own ids, and a layer
// on top of others' files can be read, but nothing of them can become a file of its own.

import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { original } from "../report/system-failure.ts";

const REFUSED = ["EACCES", "EPERM", "EOVERFLOW"];
/** Whom files of ids that are not in a user namespace seem to belong to. */
const OVERFLOW_UID = 65534;

/** Does some work on an image's tree. @throws {Failure} naming the base tree, when that is what has failed */
export async function namingBaseTree<T>(image: Image, root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(image, root, original(error)) ?? error;
  }
}

function explain(image: Image, root: string, error: unknown): Failure | undefined {
  const { code, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const place = [dest, path].find((each) => each?.startsWith(`${root}/`) === true);
  if (place === undefined || !REFUSED.includes(code ?? "")) return undefined;
  const inside = relative(root, place);
  const base = image.config.baseTrees.find((tree) => ownerOf(tree, inside) === OVERFLOW_UID);
  if (base === undefined) return undefined;
  return new Failure(
    `image ${image.name}: nothing can be changed in the base tree ${base}, whose files belong to others (/${inside})`,
    {
      origin: image.origin("baseTrees", base),
      remedy: "build as the user who has made it (or as root), or name an archive of it, which is unpacked as yours",
      cause: error,
    },
  );
}

/** Of what is there of a path in a directory; undefined: it is none. */
function ownerOf(tree: string, path: string): number | undefined {
  if (statSync(tree, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  let present = path;
  while (present !== "." && !existsSync(join(tree, present))) present = dirname(present);
  return statSync(join(tree, present)).uid;
}
