// The [Content] section, first part: packages and trees, what is installed and what is removed.

import { epochOfEnvironment } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean, feature } from "./types/boolean.ts";
import { comparePackages, list } from "./types/list.ts";
import { timestamp } from "./types/number.ts";
import { packageSpecs } from "./types/package.ts";
import { paths } from "./types/path.ts";
import { words } from "./types/text.ts";
import { trees } from "./types/tree.ts";

export const contentPackages = {
  packages: setting({
    name: "Packages",
    section: "Content",
    option: "package",
    short: "p",
    type: list(packageSpecs, { compare: comparePackages }),
    scope: "local",
    tools: true,
    help: "Packages that are installed in the image.",
  }),
  buildPackages: setting({
    name: "BuildPackages",
    section: "Content",
    option: "build-package",
    type: list(packageSpecs, { compare: comparePackages }),
    scope: "local",
    help: "Packages that are there only while build scripts run.",
  }),
  volatilePackages: setting({
    name: "VolatilePackages",
    section: "Content",
    option: "volatile-package",
    type: list(packageSpecs, { compare: comparePackages }),
    scope: "local",
    help: "Packages that are installed after the build scripts and are not part of the cached image.",
  }),
  packageDirectories: setting({
    name: "PackageDirectories",
    section: "Content",
    option: "package-directory",
    type: list(paths()),
    scope: "universal",
    pickup: ["mkosi.packages"],
    tools: true,
    help: "Directories of packages that take precedence over the repositories.",
  }),
  volatilePackageDirectories: setting({
    name: "VolatilePackageDirectories",
    section: "Content",
    option: "volatile-package-directory",
    type: list(paths()),
    scope: "universal",
    help: "Directories of packages that only VolatilePackages= sees.",
  }),
  withRecommends: setting({
    name: "WithRecommends",
    section: "Content",
    option: "with-recommends",
    type: boolean,
    scope: "local",
    help: "Whether packages that are only recommended are installed.",
  }),
  withDocs: setting({
    name: "WithDocs",
    section: "Content",
    option: "with-docs",
    type: boolean,
    default: true,
    scope: "local",
    help: "Whether documentation stays in the image.",
  }),
  baseTrees: setting({
    name: "BaseTrees",
    section: "Content",
    option: "base-tree",
    type: list(paths({ required: false })),
    scope: "local",
    help: "Trees or images that the image is built on.",
  }),
  skeletonTrees: setting({
    name: "SkeletonTrees",
    section: "Content",
    option: "skeleton-tree",
    type: list(trees({ required: true })),
    scope: "local",
    pickup: ["mkosi.skeleton", "mkosi.skeleton.tar"],
    help: "Trees that are copied into the image before any package is installed.",
  }),
  extraTrees: setting({
    name: "ExtraTrees",
    section: "Content",
    option: "extra-tree",
    type: list(trees()),
    scope: "local",
    pickup: ["mkosi.extra", "mkosi.extra.tar"],
    help: "Trees that are copied into the image after packages are installed.",
  }),
  removePackages: setting({
    name: "RemovePackages",
    section: "Content",
    option: "remove-package",
    type: list(words("packages", "PACKAGE")),
    scope: "local",
    help: "Packages that are removed at the end.",
  }),
  removeFiles: setting({
    name: "RemoveFiles",
    section: "Content",
    option: "remove-files",
    type: list(words("patterns", "GLOB")),
    scope: "local",
    help: "Files that are removed at the end (glob patterns inside the image).",
  }),
  cleanPackageMetadata: setting({
    name: "CleanPackageMetadata",
    section: "Content",
    option: "clean-package-metadata",
    type: feature,
    scope: "local",
    help: "Whether the package manager's database is removed from the image.",
  }),
  sourceDateEpoch: setting({
    name: "SourceDateEpoch",
    section: "Content",
    option: "source-date-epoch",
    type: timestamp,
    default: epochOfEnvironment,
    emptyUnsets: true,
    scope: "multiversal",
    help: "The latest time that files in the image may have, for reproducible images.",
  }),
};
