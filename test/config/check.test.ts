// What `mkosi check` finds beside the errors of reading.

import { expect, test } from "vitest";
import { checkProject } from "../../src/config/check.ts";
import { diagnosticsJson } from "../../src/config/json.ts";
import type { FileSpec } from "../differential/case.ts";
import { load, told } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\n";

async function check(files: Readonly<Record<string, FileSpec>>, ...argv: string[]): Promise<string[]> {
  const loaded = await load(files, ...argv);
  if (loaded.project === undefined) throw new Error(told(loaded).join("\n"));
  return told({ ...loaded, diagnostics: checkProject(loaded.project) });
}

test("nothing about a project that is fine", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nFormat=disk\n[Content]\nPackages=a,b\nBuildPackages=a\n`,
    "mkosi.extra/x": "",
    "mkosi.repart/root.conf": "",
    "mkosi.build": { run: "#!/bin/sh\n" },
    "mkosi.conf.d/x.conf": "[Match]\nRelease=|sid\nRelease=|trixie\nFormat=!tar\nFormat=!cpio\n",
  };
  expect(await check(files)).toEqual([]);
});

test("scripts that are not executable", async () => {
  const files = { "mkosi.conf": `${D}[Content]\nBuildScripts=b.sh\n`, "b.sh": "#!/bin/sh\n" };
  expect(await check(files)).toEqual(["error mkosi.conf:4:14 BuildScripts: b.sh is not executable"]);
  expect(await check(files, "--make-scripts-executable=yes")).toEqual([]);
});

test("packages that are listed twice", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nPackages=a\n         b\n`,
    "mkosi.conf.d/x.conf": "[Content]\nPackages=a\n",
  };
  expect(await check(files)).toEqual(["warning mkosi.conf:4:10 Packages: a is listed more than once"]);
});

test("trees that are not there, but not those that another image makes", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nExtraTrees=missing:/x\nBaseTrees=/nowhere/base\n           base\n`,
    "mkosi.images/base.conf": "[Output]\nFormat=directory\n",
  };
  expect(await check(files)).toEqual(["error mkosi.conf:5:11 BaseTrees: /nowhere/base does not exist"]);
  expect(await check({ "mkosi.conf": `${D}[Content]\nExtraTrees=missing:/x\n` })).toEqual([
    "error mkosi.conf:4:12 ExtraTrees: missing does not exist",
  ]);
});

test("settings that the format has no use for", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nFormat=tar\nSectorSize=4096\nOciLabels=a=b\n`,
    "mkosi.images/a.conf": "[Output]\nFormat=disk\n",
  };
  expect(await check(files)).toEqual([
    "warning mkosi.conf:5:12 SectorSize= has no effect with Format=tar",
    "warning mkosi.conf:6:11 OciLabels= has no effect with Format=tar",
  ]);
});

test("conditions that can never hold", async () => {
  const files = { "mkosi.conf": D, "mkosi.conf.d/x.conf": "[Match]\nDistribution=debian\nDistribution=fedora\n" };
  expect(await check(files)).toEqual([
    "warning mkosi.conf.d/x.conf:3:1 [Match] can never hold: Distribution= cannot be debian and fedora",
  ]);
});

test("a password that everybody can read", async () => {
  const files = { "mkosi.conf": `${D}[Content]\nRootPassword=secret\n` };
  expect(await check(files)).toEqual([
    "warning mkosi.conf:4:14 RootPassword: everybody who can read this file can read the password",
  ]);
  expect(await check({ "mkosi.conf": { text: files["mkosi.conf"], mode: 0o600 } })).toEqual([]);
});

test("as data", async () => {
  const { diagnostics, directory } = await load({ "mkosi.conf": `${D}Relase=x\n` });
  expect(diagnosticsJson(diagnostics)).toEqual({
    Diagnostics: [
      {
        Level: "warning",
        Message: "Relase= is not a setting and is ignored",
        File: `${directory}/mkosi.conf`,
        Line: 3,
        Column: 1,
        Option: null,
        Remedy: "Did you mean Release=?",
        Excerpt: "Relase=x\n^",
      },
    ],
  });
});
