// Where values come from, as it is told.

import { expect, test } from "vitest";
import { explain, explainText } from "../../src/config/explain.ts";
import { plain } from "../../src/report/style.ts";
import type { SettingKey } from "../../src/settings/index.ts";
import type { FileSpec } from "../differential/case.ts";
import { load } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\nRelease=trixie\n";

async function lines(
  files: Readonly<Record<string, FileSpec>>,
  keys: readonly SettingKey[] | undefined,
  ...argv: string[]
): Promise<string[]> {
  const { project, directory, diagnostics } = await load(files, ...argv);
  if (project === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  return explainText(project, explain(project, keys), plain).replaceAll(`${directory}/`, "").split("\n");
}

test("the chain of assignments, in the order in which they count, with what let their files in", async () => {
  const files = {
    "mkosi.conf": `${D}[Content]\nPackages=a\n`,
    "mkosi.local.conf": "[Content]\nPackages=local\n",
    "mkosi.conf.d/10.conf":
      "[Match]\nDistribution=debian\nRelease=|sid\nRelease=|trixie\n[Content]\nPackages=\nPackages=b\n   c\n",
    "mkosi.conf.d/20.conf": "[Match]\nDistribution=fedora\n[Content]\nPackages=dnf\n",
    "mkosi.conf.d/30.conf": "[TriggerMatch]\nRelease=sid\n[Content]\nPackages=x\n",
  };
  expect(await lines(files, ["packages"], "-p", "z")).toEqual([
    "main: Packages = b c local z",
    "  mkosi.conf:5:1: Packages=a  (adds)",
    "  mkosi.conf.d/10.conf:6:1: Packages=  (empties)",
    "    read because of Distribution=debian, Release=|trixie",
    "  mkosi.conf.d/10.conf:7:1: Packages=b ⏎ c  (adds)",
    "    read because of Distribution=debian, Release=|trixie",
    "  mkosi.local.conf:2:1: Packages=local  (adds)",
    "  command line option -p: -p z  (adds)",
    "",
    "Files that were left out",
    "  mkosi.conf.d/20.conf:2:1: Distribution=fedora does not hold (image main)",
    "  mkosi.conf.d/30.conf:2:1: none of the conditions of [TriggerMatch] holds (image main)",
  ]);
});

test("what other images have from the main one", async () => {
  const files = { "mkosi.conf": `${D}[Output]\nImageId=i\n`, "mkosi.images/a.conf": "[Output]\nImageId=own\n" };
  expect(await lines(files, ["release", "imageId"])).toEqual([
    "a: Release = trixie",
    "  mkosi.conf:3:1: Release=trixie  (sets in the image main)",
    "",
    "a: ImageId = own",
    "  mkosi.conf:5:1: ImageId=i  (sets in the image main)",
    "  mkosi.images/a.conf:2:1: ImageId=own  (sets)",
    "",
    "main: Release = trixie",
    "  mkosi.conf:3:1: Release=trixie  (sets)",
    "",
    "main: ImageId = i",
    "  mkosi.conf:5:1: ImageId=i  (sets)",
  ]);
});

test("of several triggers only those that hold are a reason", async () => {
  const files = {
    "mkosi.conf": `${D}[Output]\nImageVersion=1\nFormat=directory\n`,
    "mkosi.conf.d/a.conf":
      "[TriggerMatch]\nFormat=directory\nImageVersion=>=2.0\n[TriggerMatch]\nFormat=directory\n[Content]\nHostname=h\n",
  };
  expect(await lines(files, ["hostname"])).toEqual([
    "main: Hostname = h",
    "  mkosi.conf.d/a.conf:7:1: Hostname=h  (sets)",
    "    read because of Format=directory",
  ]);
});

test("variables that PassEnvironment= hands on are where the main image has them from", async () => {
  const files = {
    "mkosi.conf": `${D}[Config]\nPassEnvironment=CHANNEL\n[Build]\nEnvironment=A=1\nEnvironment=B=2\n  CHANNEL=beta\n`,
    "mkosi.images/base.conf": "[Build]\nEnvironment=OWN=1\n",
  };
  expect((await lines(files, ["environment"])).slice(0, 3)).toEqual([
    "base: Environment = CHANNEL=beta OWN=1",
    "  mkosi.conf:8:1: Environment=B=2 ⏎ CHANNEL=beta  (adds in the image main)",
    "  mkosi.images/base.conf:2:1: Environment=OWN=1  (adds)",
  ]);
});

test("InitrdPackages= explains the default initrd's Packages=", async () => {
  const { project } = await load({ "mkosi.conf": `${D}[Content]\nBootable=yes\nInitrdPackages=lvm2\n` });
  if (project === undefined) throw new Error("not loaded");
  const [initrd] = explain(project, ["packages"]);
  expect(initrd?.image).toBe("default-initrd");
  expect(initrd?.assignments[0]).toMatchObject({ of: "main", assignment: { key: "initrdPackages", text: "lvm2" } });
});

test("defaults, and picked-up files", async () => {
  expect(await lines({ "mkosi.conf": D, "mkosi.version": "7\n" }, ["format", "imageVersion"])).toEqual([
    "main: Format = disk",
    "  nothing is assigned; this is its default",
    "",
    "main: ImageVersion = 7",
    "  mkosi.version: ImageVersion=7  (sets)",
  ]);
});

test("without keys: whatever is set", async () => {
  expect((await lines({ "mkosi.conf": D }, undefined, "--ram=4G")).filter((line) => !line.startsWith(" "))).toEqual([
    "main: Distribution = debian",
    "",
    "main: Release = trixie",
    "",
    "main: RAM = 4G",
  ]);
});
