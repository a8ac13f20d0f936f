// From former dialects to today's: what is rewritten, what is told, and what is left alone.

import { basename } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { projectJson } from "../../src/config/json.ts";
import { migrateText } from "../../src/config/migrate.ts";
import { GONE_SETTINGS, goneSetting } from "../../src/facts/gone.ts";
import { RENAMED, SWITCHES } from "../../src/facts/migration.ts";
import { rows } from "../../src/settings/index.ts";
import { runs } from "../support/runs.ts";
import { load, told } from "./support.ts";

/** A file as they were until 2022, with settings of all its sections. */
const OLD = `# An image of 2019.
[Distribution]
Distribution=centos_epel
Release=8

[Output]
Format=gpt_btrfs
Bootable=yes
OutputDir=mkosi.output
; the name in the network
Hostname=box
WithUnifiedKernelImages=no
XZ=yes
QCow2=no

[Packages]
Cache=../cache
# what is needed
Packages=
\tvim
    # an editor
\thtop
BuildScript=build.sh

[Partitions]
RootSize=2G
SwapSize=1G

[Validation]
CheckSum=yes
Password=secret
PasswordIsHashed=yes

[Host]
QemuMem=2G
QemuHeadless=yes
@Ephemeral=yes
ExtraSearchPaths=/bin:/sbin
`;

const NEW = `# An image of 2019.
[Distribution]
Distribution=centos
Repositories=epel
Release=8

[Output]
Format=disk

[Content]
Bootable=yes

[Output]
OutputDirectory=mkosi.output

[Content]
# the name in the network
Hostname=box
UnifiedKernelImages=none

[Output]
CompressOutput=xz
# QCow2=no

[Build]
PackageCacheDirectory=../cache

[Content]
# what is needed
Packages=
\tvim
    # an editor
\thtop
BuildScripts=build.sh

# [Partitions]
# RootSize=2G
# SwapSize=1G

[Validation]
Checksum=yes

[Content]
RootPassword=hashed:secret
# PasswordIsHashed=yes

[Runtime]
RAM=2G
# QemuHeadless=yes
Ephemeral=yes

[Build]
ExtraSearchPaths=/bin,/sbin
`;

test("a file of 2019", () => {
  const { text, notes } = migrateText(OLD);
  expect(text).toBe(NEW);
  expect(notes.map(({ line, message }) => `${line} ${message}`)).toEqual([
    "7 Format=: gpt_btrfs is disk now; which file system its partitions have is said by Format= in the partition definitions of mkosi.repart/ now",
    "26 RootSize=: write partition definitions into mkosi.repart/ with SizeMinBytes=",
    "27 SwapSize=: write partition definitions into mkosi.repart/ with SizeMinBytes=",
  ]);
  expect(migrateText(text)).toEqual({ text, notes: [] });
});

test("what comes out is read without a word", async () => {
  const loaded = await load({
    "mkosi.conf": migrateText(OLD).text,
    "mkosi.output": "/",
    "build.sh": { text: "#!/bin/sh\n", mode: 0o755 },
  });
  expect(told(loaded)).toEqual([]);
});

test("where the old names can still be read, the summary is the same afterwards", async () => {
  const old =
    "[Distribution]\nDistribution=debian\nRelease=trixie\nPackages=a\n[Content]\nBootable=no\nBuildPackages=b\nFormat=tar\n[Host]\nQemuMem=2G\nQemuSmp=3\n[Match]\nDistribution=debian\nProfile=\n[Content]\nPackages=c\n@Locale=C\n";
  const { text, notes } = migrateText(old);
  expect(notes).toEqual([]);
  const summary = async (content: string): Promise<unknown> => {
    const { project, directory, diagnostics } = await load({ "mkosi.conf": content });
    if (project === undefined) throw new Error(JSON.stringify(diagnostics));
    return JSON.parse(
      JSON.stringify(projectJson(project)).replaceAll(directory, "").replaceAll(basename(directory), ""),
    ) as unknown;
  };
  expect(await summary(text)).toEqual(await summary(old));
  expect(told(await load({ "mkosi.conf": text }))).toEqual([]);
});

test("every translation leads to settings of today, and begins at one that is none any more", () => {
  const known = new Set(rows.map(([, row]) => row.name));
  const targets = [...Object.values(RENAMED), ...Object.values(SWITCHES).flatMap(({ on, off }) => [on, off])];
  expect(targets.map((text) => text.split("=")[0] ?? "").filter((name) => name !== "" && !known.has(name))).toEqual([]);
  const sources = [...Object.keys(RENAMED), ...Object.keys(SWITCHES)].filter((name) => name !== "OutputDir");
  expect(sources.filter((name) => goneSetting(name) === undefined)).toEqual([]);
});

test("every setting that is gone is translated or told", () => {
  for (const name of Object.keys(GONE_SETTINGS)) {
    const { text, notes } = migrateText(`[Output]\n${name}=yes\n`);
    const kept = text.split("\n").some((line) => line.startsWith(`${name}=`));
    expect(kept, name).toBe(false);
    const translated = text.split("\n").some((line) => /^\w+=/.test(line));
    const isSilent = ["QemuHeadless", "PasswordIsHashed"].includes(name);
    expect(translated || notes.length === 1 || isSilent, name).toBe(true);
  }
});

const line = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...Object.keys(GONE_SETTINGS), ...rows.map(([, row]) => row.name)),
      fc.constantFrom("yes", "no", "1G", ""),
    )
    .map((parts) => parts.join("=")),
  fc.constantFrom(
    "[Output]",
    "[Packages]",
    "[Partitions]",
    "[Host]",
    "[Match]",
    "# a",
    "; b",
    "",
    "  go on",
    "  # within",
    "x",
  ),
  fc.string(),
);

test("any file: it ends where it is, and comments stay", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 15 }), (lines) => {
      const source = `${lines.join("\n")}\n`;
      const { text } = migrateText(source);
      expect(migrateText(text).text).toBe(text);
      for (const comment of lines.filter((each) => each === "# a")) expect(text).toContain(comment);
    }),
    { numRuns: runs(2000) },
  );
});
