// What can be known before anything is installed: settings this version lacks, values a distribution does not know,
// programs that are not there.

import { checkProfiles } from "../boot/uki-profiles.ts";
import type { Image } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { checkFormat } from "../outputs/index.ts";
import { Failure } from "../report/failure.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { missingTools } from "./requirements.ts";
import { checkSupported } from "./supported.ts";
import type { Workshop } from "./workshop.ts";

/** Checks one image's configuration. @throws {Failure} */
export function checkImage(image: Image): void {
  checkSupported(image);
  checkFormat(image);
  checkProfiles(image);
  distributionOf(image).validate(image);
}

/** Checks that the toolbox has the programs that building these images takes. @throws {Failure} naming what is missing */
export async function requireTools(workshop: Workshop, images: readonly Image[], toolbox: Toolbox): Promise<void> {
  const missing = await missingTools(images, toolbox, workshop.runner("tools"));
  if (missing.length === 0) return;
  const where = toolbox.kind === "host" ? "this host" : `the tools tree ${toolbox.root}`;
  throw new Failure(`${where} lacks what this build needs: ${missing.join(", ")}`, {
    remedy: images.every(({ name }) => name === "tools")
      ? "install it: the tools tree itself is built with the host's programs"
      : toolbox.kind === "host"
        ? "install it, or let mkosi build a tree with the tools: ToolsTree=default (--tools-tree=default)"
        : "add the packages to the tools tree (ToolsTreePackages=) and build it again with -fff",
  });
}
