// BuildScripts=: they run on the image with the build overlay on top; what they do to that tree is thrown away, and what
// they have put into $DESTDIR is copied into the image.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bind, bindReadOnly } from "../../sandbox/spec.ts";
import type { ImageBuild } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { makeBuildDirectory } from "../scripts/build-directory.ts";
import { mountHandedOn } from "../scripts/handed-on.ts";
import { DESTINATION } from "../scripts/result.ts";
import { runScripts } from "../scripts/run.ts";
import { hasNetwork, treeOf } from "./prepare-scripts.ts";
import { EXTRACT } from "./trees.ts";

export const buildPackages: Step = {
  title: "Installing build packages",
  setting: "buildPackages",
  installs: true,
  overlay: true,
  applies: ({ buildPackages: packages }) => packages.length > 0,
  run: (context) => context.packageManager.install(context, context.root, context.buildPackages),
};

export const buildScripts: Step = {
  title: "Running build scripts",
  setting: "buildScripts",
  overlay: true,
  notesOnly: true,
  applies: hasBuildScripts,
  always: (build) => hasNetwork(build) || build.scripts.rerun || build.scripts.wiped,
  async run(context) {
    await using handedOn = await mountHandedOn(context, ["ARTIFACTDIR", "PACKAGEDIR"]);
    const destination = join(context.notes, DESTINATION);
    await mkdir(destination);
    const build = await makeBuildDirectory(context.image);
    await runScripts(context, {
      kind: "build",
      arguments: context.scripts.arguments,
      tree: treeOf(context),
      places: {
        ...handedOn.places,
        DESTDIR: { path: destination },
        ...(build === undefined ? {} : { BUILDDIR: { path: build } }),
      },
    });
  },
};

export const builtFiles: Step = {
  title: "Copying what was built",
  setting: "buildScripts",
  applies: hasBuildScripts,
  async run(context) {
    const destinations = context.earlier.map((notes) => join(notes, DESTINATION)).filter((path) => existsSync(path));
    for (const path of destinations) {
      await context.runner.run({
        argv: ["bash", "-ec", COPY],
        base: { kind: "tools", toolbox: context.toolbox },
        mounts: [bindReadOnly(path, "/source"), bind(context.root, "/buildroot")],
      });
    }
  },
};

/** With owners, modes and times; links that stand for directories in the image (/bin, /lib) stay. */
const COPY = `set -o pipefail
tar --create --directory=/source --numeric-owner --xattrs '--xattrs-include=*' . | ${EXTRACT} --directory=/buildroot`;

function hasBuildScripts({ image }: ImageBuild): boolean {
  return image.config.buildScripts.length > 0;
}
