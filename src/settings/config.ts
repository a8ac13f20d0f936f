// Settings about the configuration itself: [Include] and [Config].

import { setting } from "./setting.ts";
import { includes } from "./types/builtin.ts";
import { list } from "./types/list.ts";
import { paths } from "./types/path.ts";
import { minimumVersion } from "./types/special.ts";
import { profileName, words } from "./types/text.ts";

export const config = {
  include: setting({
    name: "Include",
    section: "Include",
    option: "include",
    short: "I",
    type: list(includes, { resets: false }),
    scope: "local",
    tools: true,
    help: "Read another configuration file or directory at this place; mkosi-initrd, mkosi-tools, mkosi-vm and mkosi-addon are built in.",
  }),
  profiles: setting({
    name: "Profiles",
    section: "Config",
    option: "profile",
    type: list({ ...profileName, completion: { kind: "names", directory: "mkosi.profiles" } }),
    scope: "inherit",
    match: "element",
    tools: true,
    oldNames: ["Profile"],
    help: "Read these profiles from mkosi.profiles/ as well.",
  }),
  dependencies: setting({
    name: "Dependencies",
    section: "Config",
    option: "dependency",
    type: list({ ...words("images", "IMAGE"), completion: { kind: "names", directory: "mkosi.images" } }),
    scope: "local",
    help: "Images that are built before this one; in the main image, the sub-images that are built at all.",
  }),
  minimumVersion: setting({
    name: "MinimumVersion",
    section: "Config",
    option: "minimum-version",
    type: minimumVersion,
    scope: "main",
    help: "The oldest version of mkosi that can read this configuration.",
  }),
  configureScripts: setting({
    name: "ConfigureScripts",
    section: "Config",
    option: "configure-script",
    type: list(paths(), { globs: true }),
    scope: "local",
    pickup: ["mkosi.configure"],
    help: "Programs that get the configuration as JSON and print the changed one.",
  }),
  passEnvironment: setting({
    name: "PassEnvironment",
    section: "Config",
    option: "pass-environment",
    type: list(words("variables", "NAME"), { split: "blanks" }),
    scope: "main",
    help: "Variables of Environment= that all other images get, too.",
  }),
};
