// Every row of the settings table: each setting by all its names, each option in all its forms, each word of settings
// that take one out of a set. The projects are few and large, since what differs is told by setting.

import fc from "fast-check";
import { rows, type Setting } from "../../../src/settings/index.ts";
import type { Case, FileSpec } from "../case.ts";
import { GROUND, sharedWords, valueOf } from "../generate.ts";

const D = "[Distribution]\nDistribution=debian\nRelease=trixie\n";
const settings = rows.map(([, row]) => row).filter(({ own }) => own !== true);

const FILES: Readonly<Record<string, FileSpec>> = {
  ...GROUND,
  "inc.conf": "[Content]\nKernelCommandLine=included\n",
  "mkosi.profiles/one.conf": "[Content]\nKernelCommandLine=profiled\n",
};
const SUB: Readonly<Record<string, FileSpec>> = { "mkosi.images/sub.conf": "" };

/** Values that name something in the project. */
const BY_NAME: Readonly<Record<string, string>> = {
  Include: "inc.conf",
  Profiles: "one",
  InitrdProfiles: "lvm",
  ToolsTreeProfiles: "devel",
  Dependencies: "sub",
  Distribution: "debian",
  Release: "trixie",
};

/** The original's options insist on their choices, where its files take more. */
const BY_OPTION: Readonly<Record<string, string>> = {
  BuildSourcesEphemeral: "buildcache",
  CacheOnly: "metadata",
  Incremental: "strict",
  Ssh: "runtime",
  Verity: "hash",
};

function sampleOf(row: Setting): string {
  return BY_NAME[row.name] ?? fc.sample(valueOf(row), { numRuns: 1, seed: 1 })[0] ?? "";
}

const TOOLS = { PrepareScripts: "the original's tools tree has a script" };

type Names = (row: Setting) => readonly string[];

function assignments(names: Names, only = settings, value = sampleOf): string {
  return only.flatMap((row) => names(row).map((name) => `[${row.section}]\n${name}=${value(row)}\n`)).join("");
}

function options(names: Names, only = settings): string[] {
  return only.flatMap((row) => names(row).map((name) => `--${name}=${BY_OPTION[row.name] ?? sampleOf(row)}`));
}

const project = (name: string, text: string, argv: readonly string[] = [], files: Case["files"] = {}): Case => ({
  name: `table: ${name}`,
  files: { ...FILES, "mkosi.conf": `${D}${text}`, ...files },
  argv,
});

const SECTIONS = [...new Set(settings.map((row) => row.section))];
const own: Names = (row) => [row.name];

const bySection = SECTIONS.flatMap((section) => {
  const only = settings.filter((row) => row.section === section);
  const sub = section === "Config" ? SUB : {};
  return [
    { ...project(`settings of [${section}]`, assignments(own, only), [], sub), seed: section === "Output" },
    {
      ...project(
        `options of [${section}]`,
        "",
        options((row) => [row.option], only),
        sub,
      ),
      seed: section === "Output",
    },
  ];
});

const shorts = settings.flatMap((row) => {
  if (row.short === undefined || row.name === "Dependencies") return [];
  return [row.shortMeans === undefined ? `-${row.short}${sampleOf(row)}` : `-${row.short}`];
});

/** The original refuses an empty DelegateRanges=, which resets as everywhere else. */
const resettable = settings.filter((row) => row.name !== "DelegateRanges");
/** Its options insist on their choices here, too. */
const emptiable = resettable.filter(
  (row) => !["Dependencies", "InitrdProfiles", "ToolsTreeProfiles", ...Object.keys(BY_OPTION)].includes(row.name),
);
const emptied = emptiable.map((row) => `--${row.option}=`);
const inherited = settings.filter(
  (row) => !["ToolsTree", "Initrds", "Bootable", "Format", "Dependencies", "Overlay"].includes(row.name),
);
const images = settings.filter(
  (row) => row.name !== "Dependencies" && ["local", "inherit", "initrd-inherit"].includes(row.scope),
);
const tools = settings.filter((row) => row.tools === true && row.name !== "Dependencies");

const wordsOf = (row: Setting): readonly string[] =>
  row.name !== "ToolsTree" && row.name !== "MachineId" ? sharedWords(row) : [];
const worded = settings.filter((row) => wordsOf(row).length > 0);
const longest = Math.max(...worded.map((row) => wordsOf(row).length));

export const table: readonly Case[] = [
  ...bySection,
  project(
    "old names of settings",
    assignments((row) => row.oldNames ?? []),
  ),
  project(
    "old names of options",
    "",
    options((row) => row.oldOptions ?? []),
  ),
  project("short options", "", shorts),
  project("short options with separate arguments", "", ["-d", "fedora", "-r", "42", "-m", "http://m", "-O", "out"]),
  project("every setting emptied", assignments(own), [], {
    "mkosi.conf.d/empty.conf": assignments(own, resettable, () => ""),
  }),
  {
    ...project("every option emptied", assignments(own, emptiable), emptied),
    differs: { SplitArtifacts: "the original's empty option adds nothing instead of clearing, unlike all others" },
  },
  project("what images get from the main one", `[Content]\nBootable=yes\n${assignments(own, inherited)}`, [], SUB),
  {
    ...project("what the tools tree gets", `[Build]\nToolsTree=yes\n${assignments(own, inherited)}`),
    differs: TOOLS,
  },
  project(
    "what the command line gives to images",
    "[Content]\nBootable=yes\n",
    options((row) => [row.option], inherited),
    SUB,
  ),
  project("all that an image may set", "", [], { "mkosi.images/sub.conf": assignments(own, images) }),
  {
    ...project("all that the tools tree may set", "[Build]\nToolsTree=yes\n", [], {
      "mkosi.tools.conf": assignments(own, tools),
      "inc.conf": "[Content]\nPackages=included\n",
      "mkosi.profiles/one.conf": "[Content]\nPackages=profiled\n",
    }),
    differs: TOOLS,
  },
  project("all that the initrd may set", "[Content]\nBootable=yes\n", [], {
    "mkosi.initrd.conf": assignments(own, images),
  }),
  ...Array.from({ length: longest }, (_, index) =>
    project(
      `word ${index} of every set`,
      assignments(own, worded, (row) => wordsOf(row)[index % wordsOf(row).length] ?? ""),
    ),
  ),
];
