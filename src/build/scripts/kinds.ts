// What each kind of script gets: when scripts are looked at anywhere else, it is by this table.

import type { ScriptSetting } from "./script-file.ts";

export type ScriptKind = "configure" | "sync" | "prepare" | "build" | "postinst" | "finalize" | "postoutput" | "clean";

/** Variables that not all kinds have. */
export type SpecialVariable =
  | "BUILDROOT"
  | "CACHED"
  | "CHROOT_BUILDDIR"
  | "CHROOT_DESTDIR"
  | "CHROOT_OUTPUTDIR"
  | "CHROOT_SCRIPT"
  | "CHROOT_SRCDIR"
  | "MKOSI_CONFIG"
  | "QEMU_ARCHITECTURE"
  | "SCRIPT"
  | "WITH_DOCS"
  | "WITH_NETWORK"
  | "WITH_TESTS";

/** Directories that scripts find by a variable of the same name. */
export type PlaceName = "ARTIFACTDIR" | "BUILDDIR" | "DESTDIR" | "OUTPUTDIR" | "PACKAGEDIR";

export const PLACES: Readonly<Record<PlaceName, string>> = {
  ARTIFACTDIR: "/work/artifacts",
  BUILDDIR: "/work/build",
  DESTDIR: "/work/dest",
  OUTPUTDIR: "/work/out",
  PACKAGEDIR: "/work/packages",
};

/** Where scripts have the sources, and the configuration of their image. */
export const SOURCES = "/work/src";
export const SETTINGS_FILE = "/work/config.json";

export interface ScriptFacts {
  readonly setting: ScriptSetting;
  /** As messages call one of them. */
  readonly name: string;
  /** The script's own place. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** `setting`: as WithNetwork= says. */
  readonly network: "never" | "always" | "setting";
  /** What becomes of changes to the sources: they stay, or are kept as BuildSourcesEphemeral= says (in full only for builds). */
  readonly sources: "changed" | "ephemeral" | "ephemeral or cached";
  /** Whether it works on the image's tree: with helpers in $PATH, and inside of it with the suffix `.chroot`. */
  readonly tree: boolean;
  readonly places: readonly PlaceName[];
  readonly variables: readonly SpecialVariable[];
}

const TREE = ["BUILDROOT", "CHROOT_SCRIPT", "CHROOT_SRCDIR", "MKOSI_CONFIG", "SCRIPT", "WITH_NETWORK"] as const;

export const SCRIPTS: Readonly<Record<ScriptKind, ScriptFacts>> = {
  configure: {
    setting: "configureScripts",
    name: "configure script",
    program: "/work/configure",
    arguments: [],
    network: "never",
    sources: "changed",
    tree: false,
    places: [],
    variables: ["QEMU_ARCHITECTURE"],
  },
  sync: {
    setting: "syncScripts",
    name: "sync script",
    program: "/work/sync",
    arguments: ["final"],
    network: "always",
    sources: "changed",
    tree: false,
    places: [],
    variables: ["CACHED", "MKOSI_CONFIG"],
  },
  prepare: {
    setting: "prepareScripts",
    name: "prepare script",
    program: "/work/prepare",
    arguments: ["final"],
    network: "always",
    sources: "ephemeral",
    tree: true,
    places: ["ARTIFACTDIR", "PACKAGEDIR"],
    variables: [...TREE, "WITH_DOCS", "WITH_TESTS"],
  },
  build: {
    setting: "buildScripts",
    name: "build script",
    program: "/work/build-script",
    arguments: [],
    network: "setting",
    sources: "ephemeral or cached",
    tree: true,
    places: ["ARTIFACTDIR", "BUILDDIR", "DESTDIR", "PACKAGEDIR"],
    variables: [...TREE, "CHROOT_BUILDDIR", "CHROOT_DESTDIR", "WITH_DOCS", "WITH_TESTS"],
  },
  postinst: {
    setting: "postInstallationScripts",
    name: "post-installation script",
    program: "/work/postinst",
    arguments: ["final"],
    network: "setting",
    sources: "ephemeral",
    tree: true,
    places: ["ARTIFACTDIR", "BUILDDIR", "OUTPUTDIR", "PACKAGEDIR"],
    variables: [...TREE, "CHROOT_OUTPUTDIR"],
  },
  finalize: {
    setting: "finalizeScripts",
    name: "finalize script",
    program: "/work/finalize",
    arguments: [],
    network: "setting",
    sources: "ephemeral",
    tree: true,
    places: ["ARTIFACTDIR", "BUILDDIR", "OUTPUTDIR", "PACKAGEDIR"],
    variables: [...TREE, "CHROOT_OUTPUTDIR"],
  },
  postoutput: {
    setting: "postOutputScripts",
    name: "post-output script",
    program: "/work/postoutput",
    arguments: [],
    network: "never",
    sources: "ephemeral",
    tree: false,
    places: ["OUTPUTDIR"],
    variables: ["MKOSI_CONFIG"],
  },
  clean: {
    setting: "cleanScripts",
    name: "clean script",
    program: "/work/clean",
    arguments: [],
    network: "never",
    sources: "changed",
    tree: false,
    places: ["OUTPUTDIR"],
    variables: ["MKOSI_CONFIG"],
  },
};

/** Whether a script runs inside the image, with its tree as `/`. */
export function isInside(kind: ScriptKind, script: string): boolean {
  return SCRIPTS[kind].tree && script.endsWith(".chroot");
}
