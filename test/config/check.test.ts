// What `mkosi check` finds beside the errors of reading.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/argv.ts";
import { checkProject } from "../../src/config/check.ts";
import { diagnosticsJson } from "../../src/config/json.ts";
import { loadProject } from "../../src/config/load-project.ts";
import type { FileSpec } from "../differential/case.ts";
import { load, machine, told } from "./support.ts";

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

test("files that would be read for ever", async () => {
  const loaded = await load({ "mkosi.conf": D });
  for (const name of ["mkosi.credentials", "mkosi.env"]) execFileSync("mkfifo", [join(loaded.directory, name)]);
  const { args } = parseCommandLine(["check"], loaded.directory);
  const found = checkProject(await loadProject(args, machine));
  expect(told({ ...loaded, diagnostics: found })).toEqual([
    `error mkosi.env EnvironmentFiles: mkosi.env is not a file`,
    `error mkosi.credentials Credentials: mkosi.credentials is not a file`,
  ]);
});

test("packages that are listed twice, at their second place", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nPackages=a\n         b\n`,
    "mkosi.conf.d/x.conf": "[Content]\nPackages=c a\n",
  };
  expect(await check(files)).toEqual(["warning mkosi.conf.d/x.conf:2:12 Packages: a is listed more than once"]);
  const { project, directory } = await load(files);
  const [found] = project === undefined ? [] : checkProject(project);
  expect(found).toMatchObject({
    remedy: `It stands already in ${directory}/mkosi.conf:4:10.`,
    excerpt: "Packages=c a\n           ^",
  });
});

test("what is built in is not looked at", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nBootable=yes\n[Build]\nToolsTree=default\nToolsTreePackages=bash,dpkg\n`,
  };
  for (const distribution of ["debian", "ubuntu", "fedora", "centos", "opensuse", "arch"])
    expect(await check(files, "--tools-tree-distribution", distribution)).toEqual([]);
});

test("trees that are not there, but not those that another image makes", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nExtraTrees=missing:/x\nBaseTrees=/nowhere/base\n           base\n`,
    "mkosi.images/base.conf": "[Output]\nFormat=directory\n",
  };
  expect(await check(files)).toEqual([
    "error mkosi.conf:4:12 ExtraTrees: missing does not exist",
    "error mkosi.conf:5:11 BaseTrees: /nowhere/base does not exist",
  ]);
  expect(await check({ "mkosi.conf": `${D}[Content]\nExtraTrees=missing:/x\n` })).toEqual([
    "error mkosi.conf:4:12 ExtraTrees: missing does not exist",
  ]);
});

test("files that are not there beside the default initrd, and those that scripts of another image make", async () => {
  const text = `${D}[Content]\nBootable=yes\nExtraTrees=nix\nInitrds=default\n        more\n`;
  expect(await check({ "mkosi.conf": text })).toEqual([
    "error mkosi.conf:5:12 ExtraTrees: nix does not exist",
    "error mkosi.conf:7:9 Initrds: more does not exist",
  ]);
  const files = {
    "mkosi.conf": `${D}[Output]\nOutputDirectory=out\n[Content]\nExtraTrees=%O/packed.bin\nBaseTrees=%O/a.root.raw\n`,
    "mkosi.images/a.conf": "",
  };
  expect(await check(files)).toEqual([expect.stringContaining("ExtraTrees: out/packed.bin does not exist")]);
  const script = { "mkosi.images/a.conf": "[Content]\nPostOutputScripts=s\n", s: { run: "#!/bin/sh\n" } };
  expect(await check({ ...files, ...script })).toEqual([]);
});

test("values that programs take for something else", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nFormat=tar\nCompressOutput=zstd\nCompressLevel=30\n`,
    "mkosi.images/a.conf": "[Output]\nFormat=tar\nCompressOutput=gz\nCompressLevel=9\n",
    "mkosi.images/b.conf": "[Output]\nFormat=directory\n[Content]\nUnifiedKernelImageFormat=&e&&_&z\n",
    "mkosi.images/c.conf": "[Output]\nFormat=disk\n[Content]\nBootloader=uki\nUnifiedKernelImages=none\n",
  };
  expect(await check(files)).toEqual([
    "warning mkosi.images/b.conf:4:26 UnifiedKernelImageFormat: &z stands for nothing, and is left out",
    "warning mkosi.images/c.conf:5:21 UnifiedKernelImages=none has no effect with Bootloader=uki",
    "warning mkosi.conf:6:15 CompressLevel=30 is no level of zstd",
  ]);
});

test("settings that the format has no use for", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nFormat=tar\nSectorSize=4096\nOciLabels=a=b\nCompressOutput=xz\n`,
    "mkosi.images/a.conf": "[Output]\nFormat=directory\nCompressOutput=zstd\n",
    "mkosi.images/b.conf": "[Output]\nFormat=directory\nCompressOutput=no\n[Validation]\nVerity=disabled\n",
  };
  expect(await check(files)).toEqual([
    "warning mkosi.images/a.conf:3:16 CompressOutput= has no effect with Format=directory",
    "warning mkosi.conf:5:12 SectorSize= has no effect with Format=tar",
    "warning mkosi.conf:6:11 OciLabels= has no effect with Format=tar",
  ]);
});

test("keys and initrds that are not there", async () => {
  const files = {
    "mkosi.conf": `${D}[Validation]\nSecureBootKey=no.key\nVerityKey=pkcs11:token\nVerityKeySource=provider:pkcs11\nPassphrase=no.pass\n[Content]\nInitrds=no.cpio\n`,
  };
  expect(await check(files)).toEqual([
    "error mkosi.conf:9:9 Initrds: no.cpio does not exist",
    "error mkosi.conf:4:15 SecureBootKey: no.key does not exist",
    "error mkosi.conf:7:12 Passphrase: no.pass does not exist",
  ]);
});

describe("conditions that can never hold", () => {
  const named = {
    "mkosi.images/a.conf": "",
    "mkosi.images/b.conf": "",
    "mkosi.profiles/a.conf": "",
    "mkosi.profiles/b/x": "",
  };
  const about = async (conditions: string): Promise<string[]> =>
    check({ "mkosi.conf": D, "mkosi.conf.d/x.conf": conditions, ...named });
  test.each([
    ["[Match]\nDistribution=debian\nDistribution=fedora\n", "3:1 [Match]", "Distribution= cannot be debian and fedora"],
    ["[Match]\nFormat=disk\n[Match]\nFormat=tar\n", "4:1 [Match]", "Format= cannot be disk and tar"],
    ["[Match]\nProfiles=a\nProfiles=!a\n", "3:1 [Match]", "Profiles= cannot be a and !a"],
    ["[Match]\nImage=a\nImage=b\n", "3:1 [Match]", "Image= cannot be a and b"],
    ["[Match]\nImageVersion=>2\nImageVersion=<2\n", "3:1 [Match]", "ImageVersion= cannot be >2 and <2"],
    ["[Match]\nImageVersion=1\nImageVersion=>=2\n", "3:1 [Match]", "ImageVersion= cannot be 1 and >=2"],
    ["[TriggerMatch]\nBootable=yes\nBootable=no\n", "3:1 [TriggerMatch]", "Bootable= cannot be yes and no"],
  ])("%s", async (conditions, place, what) => {
    expect(await about(conditions)).toEqual([`warning mkosi.conf.d/x.conf:${place} can never hold: ${what}`]);
  });
  test.each([
    "[Match]\nDistribution=|debian\nDistribution=|fedora\n",
    "[TriggerMatch]\nDistribution=debian\n[TriggerMatch]\nDistribution=fedora\n",
    "[Match]\nFormat=!tar\nFormat=!cpio\n",
    "[Match]\nProfiles=a\nProfiles=b\n",
    "[Match]\nImageVersion=>=2\nImageVersion=<=2\nImageVersion=!=3\n",
    "[Match]\nImageVersion=>1\nImageVersion=<1.1\n",
    "[Match]\nArchitecture=uefi\nArchitecture=arm64\n",
    "[Match]\nRelease=%r\nRelease=sid\n",
    "[Match]\nImageId=a*\nImageId=*b\n",
  ])("%s may hold", async (conditions) => expect(await about(conditions)).toEqual([]));
});

test("conditions on what is not there, and versions that are none", async () => {
  const files = {
    "mkosi.conf": D,
    "mkosi.images/base.conf": "",
    "mkosi.profiles/debug.conf": "",
    "mkosi.conf.d/x.conf":
      "[Match]\nFormat=tar\nImage=|bse\nImage=!foo\nProfiles=dbug\nProfiles=debug\nImageVersion=>>2\nImageVersion=>=2\n" +
      "SystemdVersion=abc\nDistribution=debian\nRelease=trxie\n",
  };
  expect(
    await check({
      ...files,
      "mkosi.conf.d/y.conf": "[Match]\nDistribution=ubuntu\nRelease=trxie\n",
      "mkosi.conf.d/z.conf": "[Match]\nDistribution=debian\nFormat=tar\nRelease=zurg\nSystemdVersion=>=257\n",
    }),
  ).toEqual([
    "warning mkosi.conf.d/x.conf:3:8 this can never hold: there is no image “bse”",
    "warning mkosi.conf.d/x.conf:5:10 there is no profile “dbug”: neither mkosi.profiles/dbug nor mkosi.profiles/dbug.conf exists",
    "warning mkosi.conf.d/x.conf:7:14 ImageVersion: “>2” is not a version",
    "warning mkosi.conf.d/x.conf:9:16 SystemdVersion: “abc” is not a version",
    "warning mkosi.conf.d/x.conf:11:9 Release: Debian has no release “trxie”",
  ]);
});

test("files that are left out, and conditions behind one that does not hold", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nFormat=directory\n`,
    "mkosi.conf.d/a.conf": "[Match]\nFormat=disk\nReleas=x\nBootable=maybe\nHostArchitecture=pdp11\n",
    "mkosi.conf.d/b.conf":
      "[Match]\nFormat=disk\n[Contents]\nA=1\n[Content]\nPakages=a\nBootable=%i\n[Runtime]\nRAM=lots\nRAM\n",
    "mkosi.conf.d/c/mkosi.conf": "[Match]\nFormat=disk\n[Content]\nExtraTrees=later\n[Config]\nMinimumVersion=99\n",
    "mkosi.conf.d/c/mkosi.conf.d/d.conf": "[Content]\nFoo=1\n",
    "mkosi.conf.d/e.conf": "[TriggerMatch]\nFormat=directory\n[TriggerMatch]\nImag=x\n[Content]\nPackages=a\n",
  };
  expect((await check(files)).map((line) => line.replace(/ is not one of .*/, " is not one of …"))).toEqual([
    "warning mkosi.conf.d/a.conf:3:1 Releas= cannot be used in [Match]",
    "warning mkosi.conf.d/a.conf:4:10 Bootable: “maybe” is neither a boolean nor “auto”",
    "warning mkosi.conf.d/a.conf:5:18 HostArchitecture: “pdp11” is not one of …",
    "warning mkosi.conf.d/b.conf:3:1 [Contents] is not a section and is ignored",
    "warning mkosi.conf.d/b.conf:6:1 Pakages= is not a setting and is ignored",
    "warning mkosi.conf.d/b.conf:9:5 RAM: “lots” is not a size",
    "warning mkosi.conf.d/b.conf:10:1 “RAM” has no “=”",
    "warning mkosi.conf.d/c/mkosi.conf.d/d.conf:2:1 Foo= is not a setting and is ignored",
    "warning mkosi.conf.d/e.conf:4:1 Imag= cannot be used in [TriggerMatch]",
  ]);
});

test("secrets in files that everybody can read", async () => {
  const text = `${D}[Build]\nEnvironment=API_TOKEN=x FROM_OUTSIDE_SECRET TOKENS=3\n[Runtime]\nCredentials=passwd.hashed-password.root=x motd=y\n`;
  const files = { "mkosi.conf": text, "mkosi.credentials/login.secret": "x", "mkosi.credentials/motd": "x" };
  expect((await check(files)).map((line) => line.replace(/read \/.*\//, "read "))).toEqual([
    "warning mkosi.conf:4:13 Environment: everybody who can read this file can read API_TOKEN",
    "warning mkosi.credentials Credentials: everybody can read mkosi.credentials/login.secret",
    "warning mkosi.conf:6:13 Credentials: everybody who can read this file can read passwd.hashed-password.root",
  ]);
  const closed = {
    "mkosi.conf": { text, mode: 0o600 },
    "mkosi.credentials/login.secret": { text: "x", mode: 0o600 },
  };
  expect(await check(closed)).toEqual([]);
});

test("a password that everybody can read", async () => {
  const files = { "mkosi.conf": `${D}[Content]\nRootPassword=secret\n` };
  expect(await check(files)).toEqual([
    "warning mkosi.conf:4:14 RootPassword: everybody who can read this file can read the password",
  ]);
  expect(await check({ "mkosi.conf": { text: files["mkosi.conf"], mode: 0o600 } })).toEqual([]);
});

test("files that look like configuration and are not read", async () => {
  const files = {
    "mkosi.conf": D,
    "mkosi.cnf": "",
    "mkosi.postinst.old": "",
    "mkosi.conf.d/b": "",
    "mkosi.conf.d/README": "",
    "mkosi.conf.d/off.conf.disabled": "",
    "mkosi.images/gone.conf": { link: "nowhere" },
    "mkosi.conf.d/sub/mkosi.conf": "",
    "mkosi.conf.d/sub/mkosi.verson": "",
    "mkosi.images/x.cfg": "",
    "mkosi/mkosi.conf": "",
  };
  const lines = (await check(files)).map((line) => line.replace(/ \S*\/mkosi-config-\w+\//, " "));
  expect(lines).toEqual([
    "warning mkosi.cnf mkosi.cnf is not read",
    "warning mkosi.conf.d/b mkosi.conf.d/b is not read: it is no directory, and its name does not end in .conf",
    "warning mkosi.images/gone.conf mkosi.images/gone.conf is not read: it is a symbolic link that leads nowhere",
    "warning mkosi.images/x.cfg mkosi.images/x.cfg is not read: it is no directory, and its name does not end in .conf",
    "warning mkosi.conf.d/sub/mkosi.verson mkosi.conf.d/sub/mkosi.verson is not read",
    "warning mkosi mkosi is not read, as the directory that it is in has a configuration of its own",
  ]);
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
