// What can be known before anything is installed: settings this version lacks, values a distribution does not know,
// programs that are not there.

import { checkEntryFormat } from "../boot/entry.ts";
import { checkProfiles } from "../boot/uki-profiles.ts";
import type { Image } from "../config/project.ts";
import { distributionOf } from "../distributions/registry.ts";
import { checkFormat } from "../outputs/index.ts";
import { nodeReport } from "../report/events.ts";
import { Failure } from "../report/failure.ts";
import type { Toolbox } from "../sandbox/spec.ts";
import { checkSigning } from "../signing/check.ts";
import { checkTokens } from "../signing/tokens.ts";
import { checkOwnKernel } from "./own-kernel.ts";
import { missingTools } from "./requirements.ts";
import { checkScripts } from "./scripts/script-file.ts";
import { checkSupported } from "./supported.ts";
import type { Workshop } from "./workshop.ts";

/** Checks one image's configuration. @throws {Failure} */
export function checkImage(image: Image): void {
  checkSupported(image);
  checkOwnKernel(image);
  checkSigning(image);
  checkFormat(image);
  checkScripts(image);
  checkProfiles(image);
  checkEntryFormat(image);
  distributionOf(image).validate(image);
}

/** Checks that keys which are in no file can be had. @throws {Failure} naming the setting */
export async function requireTokens(workshop: Workshop, images: readonly Image[], toolbox: Toolbox): Promise<void> {
  const runner = workshop.runner("tools");
  const report = nodeReport("tools", workshop.events, workshop.signal);
  for (const image of images) {
    const own = await workshop.sandboxTrees.put(image, toolbox, runner);
    await checkTokens({ image, runner, toolbox: own, report, scratch: workshop.workspace });
  }
}

/** Checks that the toolbox has the programs that building these images takes. @throws {Failure} naming what is missing */
export async function requireTools(workshop: Workshop, images: readonly Image[], toolbox: Toolbox): Promise<void> {
  const runner = workshop.runner("tools");
  // Programs may come from SandboxTrees=, too.
  const found = images.map(async (image) =>
    missingTools([image], await workshop.sandboxTrees.put(image, toolbox, runner), runner),
  );
  const missing = [...new Set((await Promise.all(found)).flat())];
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
