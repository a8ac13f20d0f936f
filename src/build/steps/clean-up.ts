// What the finished image is not to have: packages and files that the configuration removes, the package manager's
// own files where nobody could use them.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isExtension } from "../../facts/output-formats.ts";
import { entryInside, statusInside } from "../../tools/inside.ts";
import { placesOfPattern, union } from "../../tools/looked-at.ts";
import { removeLeaks } from "../../tools/normalise.ts";
import { clampTimes, removeEmptyDirectories, removeFiles } from "../../tools/remove-files.ts";
import type { StepContext } from "../image-build.ts";
import type { Step } from "../pipeline.ts";
import { setLabels, wantsLabels } from "./selinux.ts";

export const removals: Step = {
  title: "Removing packages",
  setting: "removePackages",
  installs: true,
  applies: ({ image }) => image.config.removePackages.length > 0,
  run: (context) => context.packageManager.remove(context, context.root, context.image.config.removePackages),
};

export const cleanUp: Step = {
  title: "Cleaning up",
  async run(context) {
    const { removeFiles: patterns, sourceDateEpoch } = context.image.config;
    await removePackageMetadata(context);
    await removeFiles(context.root, patterns);
    if (isExtension(context.image.config.format)) await removeEmptyDirectories(context.root);
    await setLabels(context);
    if (sourceDateEpoch === null) return;
    await removeLeaks(context.root);
    await clampTimes(context.root, sourceDateEpoch);
  },
  async looksAt(context) {
    const { root, image, packageManager } = context;
    const { metadata } = packageManager;
    const { removeFiles: patterns, sourceDateEpoch, format } = image.config;
    // All times are set, whatever is empty is removed, or all files are labelled.
    if (sourceDateEpoch !== null || isExtension(format) || wantsLabels(context)) return undefined;
    const programs = metadata.flatMap(({ program }) => PROGRAMS.map((directory) => join(directory, program)));
    const paths = [...programs, ...metadata.flatMap((each) => each.paths), ...patterns, "etc/selinux"];
    return union(paths.map((path) => placesOfPattern(root, path)));
  },
};

/** Where programs are. */
const PROGRAMS = ["usr/bin", "usr/sbin"];

/** `auto` keeps the files of a package manager that is in the image, and all of what may become another's base. */
async function removePackageMetadata(context: StepContext): Promise<void> {
  const { cleanPackageMetadata, format } = context.image.config;
  if (cleanPackageMetadata === "disabled") return;
  if (cleanPackageMetadata === "auto" && (format === "directory" || format === "tar")) return;
  for (const { program, paths } of context.packageManager.metadata) {
    const present = PROGRAMS.some((directory) => statusInside(context.root, join(directory, program)) !== undefined);
    if (cleanPackageMetadata === "auto" && present) continue;
    for (const path of paths) await rm(entryInside(context.root, path), { recursive: true, force: true });
  }
}
