// Random valid projects: every setting with values of its type, in all the places where configuration can stand.

import fc from "fast-check";
import { rows, type Setting } from "../../src/settings/index.ts";
import type { Case, FileSpec } from "./case.ts";

/** What every generated project has, so that values can name it. */
export const GROUND: Readonly<Record<string, FileSpec>> = {
  "src/file": "",
  "src/sub/file": "",
  file: "A=1\n",
  secret: { text: "x", mode: 0o600 },
  script: { run: "#!/bin/sh\n" },
  "script.chroot": { run: "#!/bin/sh\n" },
  "uki.conf": "[UKIProfile]\nProfile=ID=x\n",
};

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const flag = fc.constantFrom("yes", "no", "true", "0", "on");

/** Values by name where the type alone does not say enough. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<string>>> = {
  MinimumVersion: fc.constantFrom("1", "25.3", "27"),
  Distribution: fc.constantFrom("debian", "fedora", "arch", "ubuntu"),
  Seed: fc.constant("12345678-1234-5678-1234-567812345678"),
  MachineId: fc.constant("12345678123456781234567812345678"),
  ToolsTree: fc.constantFrom("no", "src"),
  Splash: fc.constant("/splash.bmp"),
  Environment: fc.constantFrom("A=1", "B='x y' C=3", "A=2 D="),
  OciLabels: fc.constantFrom("a=b", "'c=d e'"),
  OciAnnotations: fc.constantFrom("a=b", "c=d\n  e=f"),
  SectorSize: fc.constantFrom("512", "4096"),
  OutputMode: fc.constantFrom("600", "0644"),
  VSockCID: fc.constantFrom("auto", "hash", "3"),
  Drives: fc.constantFrom("a:1G", "b:2M c:4K:src"),
  Credentials: fc.constantFrom("a=b", "src", "file"),
  UnifiedKernelImageProfiles: fc.constant("uki.conf"),
  SplitArtifacts: fc.constantFrom("yes", "no", "uki,tar", "pcrs"),
  ManifestFormat: fc.constantFrom("json", "changelog,json"),
  CompressOutput: fc.constantFrom("yes", "no", "xz", "gzip"),
  EnvironmentFiles: fc.constant("file"),
  Architecture: fc.constantFrom("x86-64", "arm64", "ppc64-le"),
  ExtraSearchPaths: fc.constant("src"),
  // an option, but not one of the command line's choices
  // network is laid out differently here
  InitrdProfiles: fc.constantFrom("lvm", "raid"),
  ToolsTreeProfiles: fc.constantFrom("devel", "misc"),
};

/** The words of a setting that takes one out of a set, without those that only we have. */
export function sharedWords({ name, type: { completion } }: Setting): readonly string[] {
  const words = completion.kind === "words" ? completion.words : [];
  return name === "Firmware" ? words.filter((each) => each !== "bios") : words;
}

export function valueOf(row: Setting): fc.Arbitrary<string> {
  const named = BY_NAME[row.name];
  if (named !== undefined) return named;
  const { label, metavar, completion } = row.type;
  if (label === "a boolean") return flag;
  if (label.startsWith("a feature")) return fc.constantFrom("yes", "no", "auto", "enabled");
  if (row.name.endsWith("Scripts")) return fc.constantFrom("script", "scr*", "script,script.chroot");
  if (/certificate|key/i.test(row.name) && label.includes("path"))
    return fc.constantFrom("secret", ...(label === "a path" ? [] : ["pkcs11:x"]));
  if (label.includes("trees")) return fc.constantFrom("src", "src:/x", "src/sub:/y src");
  if (row.name === "BuildSources" || row.name === "RuntimeTrees") return fc.constantFrom("src", "src:x");
  if (label.includes("path"))
    return row.name === "Passphrase" ? fc.constant("secret") : fc.constantFrom("src", "src/sub");
  if (label === "a size") return fc.constantFrom("1G", "10M", "5000");
  if (metavar === "LEVEL" || metavar === "TIMESTAMP" || metavar === "NUMBER") return fc.nat(9).map(String);
  if (completion.kind === "words") return fc.constantFrom(...sharedWords(row));
  return row.type.shape === "list"
    ? fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "))
    : word;
}

const assignable = rows
  .filter(([, row]) => row.own !== true)
  .filter(([, row]) => row.name !== "Include" && row.name !== "Profiles" && row.name !== "Dependencies")
  .map(([, row]) => row);

/** The original refuses an empty DelegateRanges=, which resets as everywhere else. */
function assignment(allowed: (row: Setting) => boolean): fc.Arbitrary<string> {
  return fc
    .constantFrom(...assignable.filter(allowed))
    .chain((row) =>
      fc
        .oneof(
          { weight: 9, arbitrary: valueOf(row) },
          { weight: row.name === "DelegateRanges" ? 0 : 1, arbitrary: fc.constant("") },
        )
        .map((value) => `[${row.section}]\n${row.name}=${value}\n`),
    );
}

const condition = fc.constantFrom(
  "",
  "",
  "[Match]\nDistribution=debian\n",
  "[Match]\nFormat=|tar\nFormat=|disk\n",
  "[Match]\nImage=main\n",
  "[Match]\nProfiles=one\n",
  "[Match]\nArchitecture=uefi\n",
  "[TriggerMatch]\nBootable=auto\n[TriggerMatch]\nDistribution=!debian\n",
  "[Match]\nEnvironment=A\n",
  "[Match]\nPathExists=src\n",
);

const mainFile = (size: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      condition,
      fc.array(
        assignment(() => true),
        { maxLength: size },
      ),
    )
    .map(([match, lines]) => match + lines.join(""));
const imageFile = fc
  .tuple(
    condition,
    fc.array(
      assignment((row) => ["local", "inherit", "initrd-inherit"].includes(row.scope)),
      { maxLength: 6 },
    ),
  )
  .map(([match, lines]) => match + lines.join(""));

const option = fc.constantFrom(...assignable).chain((row) => valueOf(row).map((value) => `--${row.option}=${value}`));

/** Settings with a list of choices that the original insists on for options, where its files take more. */
const strictChoices =
  /^--(incremental|ssh|verity|build-sources-ephemeral|cache-only|cacheonly|initrd-profile|tools-tree-profile)=/;

const project: fc.Arbitrary<Omit<Case, "name">> = fc
  .record({
    main: mainFile(14),
    dropIns: fc.array(mainFile(6), { maxLength: 3 }),
    local: fc.option(mainFile(3), { nil: undefined }),
    profile: mainFile(4),
    include: mainFile(4),
    images: fc.array(imageFile, { maxLength: 2 }),
    argv: fc.array(option, { maxLength: 4 }),
    profiles: fc.boolean(),
  })
  .map(({ main, dropIns, local, profile, include, images, argv, profiles }) => ({
    files: {
      ...GROUND,
      "mkosi.conf": `[Distribution]\nDistribution=debian\n[Include]\nInclude=inc.conf\n${main.replace(/^\[(Match|TriggerMatch)\][^[]*/g, "")}`,
      "inc.conf": include,
      "mkosi.profiles/one.conf": profile,
      ...(local === undefined ? {} : { "mkosi.local.conf": local }),
      ...Object.fromEntries(dropIns.map((text, index) => [`mkosi.conf.d/${index}.conf`, text])),
      ...Object.fromEntries(images.map((text, index) => [`mkosi.images/i${index}.conf`, text])),
    },
    argv: [...argv.filter((each) => !strictChoices.test(each)), ...(profiles ? ["--profile=one"] : [])],
  }));

/** The same projects for the same seed. */
export function generateCases(count: number, seed: number): Case[] {
  return fc
    .sample(project, { numRuns: count, seed })
    .map((entry, index) => ({ name: `random project ${index} of seed ${seed}`, ...entry }));
}
