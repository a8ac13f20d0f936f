// What a build on a kernel of its own cannot do: this machine keeps none of its owners, so trees can neither be left on it
// nor be taken from it as they are.

import { lstatSync } from "node:fs";
import type { Image } from "../config/project.ts";
import { Failure } from "../report/failure.ts";
import { callerIds } from "../sandbox/namespace.ts";

const MORE_IDS = "have subordinate ids (as root: usermod --add-subuids 524288-589823 --add-subgids 524288-589823 USER)";

/** Machines and containers are started by this machine's kernel only. @throws {Failure} */
export function refuseOnOwnKernel(verb: string): void {
  if (callerIds().hasOwnKernel)
    throw new Failure(`mkosi ${verb} needs more than your one user id`, {
      remedy: `build the image by mkosi build, and start it by other means; or ${MORE_IDS}`,
    });
}

/** @throws {Failure} when an image's output or base is a directory and we have one single id */
export function checkOwnKernel({ name, config, origin }: Image): void {
  if (!callerIds().hasOwnKernel) return;
  if (config.format === "directory")
    throw new Failure(`image ${name}: a directory with its files' owners needs more than your one user id`, {
      origin: origin("format"),
      remedy: `set Format=tar, or ${MORE_IDS}`,
    });
  const directory = config.baseTrees.find((tree) => lstatSync(tree, { throwIfNoEntry: false })?.isDirectory() === true);
  if (directory !== undefined)
    throw new Failure(
      `image ${name}: the base ${directory} is a directory, whose owners you cannot have with one user id`,
      {
        origin: origin("baseTrees"),
        remedy: `use a tar archive as the base, or ${MORE_IDS}`,
      },
    );
}
