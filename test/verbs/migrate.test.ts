// `mkosi migrate` on whole projects: files that get other names, the diff, and what is on the disk afterwards.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

test("a project of mkosi.default", async () => {
  const cwd = makeProject({
    "mkosi.default": "[Distribution]\nDistribution=fedora\n\n[Packages]\nPackages=vim\n\n[Partitions]\nRootSize=2G\n",
    "mkosi.default.d/10-more": "[Packages]\nPackages=htop\n",
    "mkosi.default.d/fedora/20-own": "[Packages]\nPackages=dnf\n",
    "mkosi.files/mkosi.other": "[Output]\n",
  });
  const shown = await mkosiOk(["migrate"], { cwd });
  expect(shown.stdout).toContain("--- a/mkosi.default\n+++ b/mkosi.conf\n");
  expect(shown.stdout).toContain("-[Packages]\n+[Content]\n Packages=vim\n");
  expect(shown.stderr).toContain("mkosi.default:8: RootSize=: write partition definitions into mkosi.repart/");
  expect(shown.stderr).toContain("mkosi.files: Make its files images");
  expect(shown.stderr).toContain("Nothing is changed yet");
  expect(existsSync(join(cwd, "mkosi.conf"))).toBe(false);

  await mkosiOk(["migrate", "--write"], { cwd });
  expect(readdirSync(cwd).sort()).toEqual(["mkosi.conf", "mkosi.conf.d", "mkosi.files"]);
  expect(readdirSync(join(cwd, "mkosi.conf.d")).sort()).toEqual(["10-more.conf", "fedora-20-own.conf"]);
  expect(readFileSync(join(cwd, "mkosi.conf.d/fedora-20-own.conf"), "utf8")).toBe(
    "[Match]\nDistribution=fedora\n\n[Content]\nPackages=dnf\n",
  );
  const { Images } = JSON.parse((await mkosiOk(["--json", "summary"], { cwd })).stdout) as {
    Images: { Packages: string[] }[];
  };
  expect(Images[0]?.Packages).toEqual(["dnf", "htop", "vim"]);
  expect((await mkosiOk(["migrate"], { cwd })).stderr).toContain("Everything is in today's dialect already.");
});

test("presets become images, and the summary is the same", async () => {
  const cwd = makeProject({
    "mkosi.conf": "[Distribution]\nDistribution=debian\n\n[Output]\nSeed=5b459448-e5ab-404c-abcf-af90c2a43d43\n",
    "mkosi.presets/base/mkosi.conf": "[Output]\nFormat=directory\nHostname=x\n\n[Content]\n@Locale=C\n",
  });
  const summary = async (): Promise<string> => {
    const { stdout } = await mkosiOk(["--json", "summary"], { cwd });
    // every image without a seed gets a new one each time
    return stdout.replaceAll("mkosi.presets", "mkosi.images").replaceAll(/"Seed": ".*"/g, "");
  };
  const before = await summary();
  await mkosiOk(["--write", "--quiet", "migrate"], { cwd });
  expect(await summary()).toBe(before);
  expect((await mkosi(["--strict", "summary"], { cwd })).stderr).toBe("");
});

test("a file that has its new name already is not overwritten", async () => {
  const cwd = makeProject({ "mkosi.default": "[Packages]\nPackages=a\n", "mkosi.conf": "[Content]\nPackages=b\n" });
  const { stderr } = await mkosiOk(["migrate", "--write"], { cwd });
  expect(stderr).toContain("mkosi.default: mkosi.conf exists already");
  expect(readFileSync(join(cwd, "mkosi.conf"), "utf8")).toBe("[Content]\nPackages=b\n");
});

test("what ships with mkosi has nothing to migrate", async () => {
  for (const name of ["mkosi-initrd", "mkosi-tools", "mkosi-vm", "mkosi-addon"])
    expect((await mkosiOk(["-C", join(CHECKOUT, "builtin", name), "migrate"], { cwd: makeProject() })).stdout).toBe("");
});

test("--write belongs to migrate", async () => {
  const { status, stderr } = await mkosi(["--write", "build"], { cwd: makeProject() });
  expect([status, stderr]).toEqual([1, expect.stringContaining("--write has no meaning for build")]);
});
