// The [Distribution] section: what the image is made of.

import { ARCHITECTURES, nativeArchitecture } from "../facts/architectures.ts";
import { DEBIAN_RELEASES } from "../facts/debian.ts";
import { DEFAULT_RELEASES } from "../facts/default-releases.ts";
import { defaultDistribution, defaultRelease, fetchesKeys } from "./defaults.ts";
import { setting } from "./setting.ts";
import { boolean } from "./types/boolean.ts";
import { oneOf } from "./types/choice.ts";
import { distributionName } from "./types/distribution.ts";
import { list } from "./types/list.ts";
import { stringAs, words } from "./types/text.ts";

/** Those whose names somebody may want to be reminded of; others are taken, too. */
const RELEASES = [...new Set([...Object.keys(DEBIAN_RELEASES), ...Object.values(DEFAULT_RELEASES)])].filter(
  (name) => name !== "",
);

export const distribution = {
  distribution: setting({
    name: "Distribution",
    section: "Distribution",
    option: "distribution",
    short: "d",
    type: distributionName,
    default: defaultDistribution,
    scope: "universal",
    specifier: "d",
    match: "word",
    help: "The distribution the image is made of.",
  }),
  release: setting({
    name: "Release",
    section: "Distribution",
    option: "release",
    short: "r",
    type: { ...stringAs("RELEASE"), completion: { kind: "words", words: RELEASES } },
    default: defaultRelease,
    scope: "universal",
    specifier: "r",
    match: "equal",
    help: "The release of the distribution, in the distribution's own words.",
  }),
  architecture: setting({
    name: "Architecture",
    section: "Distribution",
    option: "architecture",
    type: oneOf(...ARCHITECTURES),
    default: () => nativeArchitecture(),
    scope: "universal",
    specifier: "a",
    match: "architecture",
    help: "The architecture the image is for.",
  }),
  mirror: setting({
    name: "Mirror",
    section: "Distribution",
    option: "mirror",
    short: "m",
    type: stringAs("URL"),
    scope: "universal",
    help: "The mirror that packages are fetched from.",
  }),
  snapshot: setting({
    name: "Snapshot",
    section: "Distribution",
    option: "snapshot",
    type: stringAs("ID"),
    scope: "universal",
    pickup: ["mkosi.snapshot"],
    pickupText: true,
    tools: true,
    help: "The dated snapshot of the distribution's repositories to install from.",
  }),
  localMirror: setting({
    name: "LocalMirror",
    section: "Distribution",
    option: "local-mirror",
    type: stringAs("URL"),
    scope: "universal",
    tools: true,
    help: "A repository of ready packages that replaces the distribution's own ones.",
  }),
  repositoryKeyCheck: setting({
    name: "RepositoryKeyCheck",
    section: "Distribution",
    option: "repository-key-check",
    type: boolean,
    default: true,
    scope: "multiversal",
    help: "Whether signatures of repositories and packages are checked.",
  }),
  repositoryKeyFetch: setting({
    name: "RepositoryKeyFetch",
    section: "Distribution",
    option: "repository-key-fetch",
    type: boolean,
    default: fetchesKeys,
    scope: "universal",
    tools: true,
    help: "Whether missing repository keys are fetched over the network.",
  }),
  repositories: setting({
    name: "Repositories",
    section: "Distribution",
    option: "repositories",
    type: list(words("repositories", "REPOSITORY")),
    scope: "universal",
    match: "element",
    tools: true,
    help: "Further repositories of the distribution that are enabled (components, for deb).",
  }),
};
