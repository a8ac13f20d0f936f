// The [Build] section, first part: where the programs come from that build the image.

import { defaultToolsDistribution, defaultToolsRelease, sameDistribution } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { distributionName } from "./types/distribution.ts";
import { list } from "./types/list.ts";
import { packageSpecs } from "./types/package.ts";
import { path, paths } from "./types/path.ts";
import { string, stringAs, words } from "./types/text.ts";
import { trees } from "./types/tree.ts";

export const toolsTree = {
  toolsTree: setting({
    name: "ToolsTree",
    section: "Build",
    option: "tools-tree",
    type: path({ constants: ["default", "yes", "no"] }),
    scope: "universal",
    pickup: ["mkosi.tools"],
    help: "The tree whose programs build the image: a path, or default to have one built.",
  }),
  toolsTreeDistribution: setting({
    name: "ToolsTreeDistribution",
    section: "Build",
    option: "tools-tree-distribution",
    type: distributionName,
    default: defaultToolsDistribution,
    scope: "tools",
    match: "word",
    help: "The distribution of the default tools tree.",
  }),
  toolsTreeRelease: setting({
    name: "ToolsTreeRelease",
    section: "Build",
    option: "tools-tree-release",
    type: stringAs("RELEASE"),
    default: defaultToolsRelease,
    scope: "tools",
    match: "equal",
    help: "The release of the default tools tree.",
  }),
  toolsTreeProfiles: setting({
    name: "ToolsTreeProfiles",
    section: "Build",
    option: "tools-tree-profile",
    type: list(words("profiles", "PROFILE")),
    default: ["misc", "package-manager", "runtime"],
    scope: "tools",
    help: "Profiles of the default tools tree.",
  }),
  toolsTreeMirror: setting({
    name: "ToolsTreeMirror",
    section: "Build",
    option: "tools-tree-mirror",
    type: stringAs("URL"),
    default: (context) => sameDistribution(context, "mirror"),
    emptyUnsets: true,
    scope: "tools",
    help: "The mirror of the default tools tree.",
  }),
  toolsTreeSnapshot: setting({
    name: "ToolsTreeSnapshot",
    section: "Build",
    option: "tools-tree-snapshot",
    type: string,
    default: (context) => sameDistribution(context, "snapshot"),
    emptyUnsets: true,
    scope: "tools",
    help: "The repository snapshot of the default tools tree.",
  }),
  toolsTreeRepositories: setting({
    name: "ToolsTreeRepositories",
    section: "Build",
    option: "tools-tree-repository",
    type: list(words("repositories", "REPOSITORY")),
    scope: "tools",
    help: "Further repositories of the default tools tree.",
  }),
  toolsTreeSandboxTrees: setting({
    name: "ToolsTreeSandboxTrees",
    section: "Build",
    option: "tools-tree-sandbox-tree",
    type: list(trees({ required: true })),
    scope: "tools",
    oldNames: ["ToolsTreePackageManagerTrees"],
    oldOptions: ["tools-tree-package-manager-tree"],
    help: "Sandbox trees of the default tools tree.",
  }),
  toolsTreePackages: setting({
    name: "ToolsTreePackages",
    section: "Build",
    option: "tools-tree-package",
    type: list(packageSpecs),
    scope: "tools",
    help: "Further packages of the default tools tree.",
  }),
  toolsTreePackageDirectories: setting({
    name: "ToolsTreePackageDirectories",
    section: "Build",
    option: "tools-tree-package-directory",
    type: list(paths()),
    scope: "tools",
    help: "Package directories of the default tools tree.",
  }),
  toolsTreeCertificates: setting({
    name: "ToolsTreeCertificates",
    section: "Build",
    option: "tools-tree-certificates",
    type: boolean,
    default: true,
    scope: "universal",
    help: "Whether CA certificates are taken from the tools tree.",
  }),
  extraSearchPaths: setting({
    name: "ExtraSearchPaths",
    section: "Build",
    option: "extra-search-path",
    type: list(paths({ exclude: ["/usr"] })),
    scope: "universal",
    help: "Directories that programs are looked for in first.",
  }),
};
