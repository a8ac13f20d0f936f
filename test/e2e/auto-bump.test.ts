// --auto-bump in real builds: the image has the next version, and mkosi.version gets it when the build has succeeded.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";

test("every build has a version of its own, unless it fails", async () => {
  const cwd = makeProject({
    "mkosi.conf":
      "[Distribution]\nDistribution=custom\n[Output]\nFormat=directory\nImageId=mine\n[Build]\nToolsTree=default\n",
    "mkosi.skeleton": { usr: { lib: { "os-release": "ID=mine\n" } } },
  });
  const version = () => readFileSync(join(cwd, "mkosi.version"), "utf8");
  const osRelease = (image: string) => readFileSync(join(cwd, image, "usr/lib/os-release"), "utf8");

  await mkosiOk(["--auto-bump"], { cwd });
  expect([version(), osRelease("mine_1")]).toEqual(["1\n", expect.stringContaining('IMAGE_VERSION="1"')]);
  await mkosiOk(["-B", "build"], { cwd });
  expect([version(), osRelease("mine_2")]).toEqual(["2\n", expect.stringContaining('IMAGE_VERSION="2"')]);
  // Without it the version stays, and so does the image.
  expect((await mkosiOk(["build"], { cwd })).stderr).toContain("mine_2 exists already");

  writeTree(cwd, { "mkosi.bump": "#!/bin/sh\necho x >>ran; echo 20\n" });
  await mkosiOk(["-B", "build"], { cwd });
  expect([version(), readFileSync(join(cwd, "ran"), "utf8")]).toEqual(["20\n", "x\n"]);
  await mkosiOk(["-B", "--image-version=2.5", "build"], { cwd });
  expect([version(), readFileSync(join(cwd, "ran"), "utf8")]).toEqual(["2.5\n", "x\n"]);

  rmSync(join(cwd, "mkosi.bump"));
  expect((await mkosi(["-B", "--postinst-script=/bin/false", "build"], { cwd })).status).toBe(1);
  expect([version(), existsSync(join(cwd, "mine_2.6"))]).toEqual(["2.5\n", false]);
});
