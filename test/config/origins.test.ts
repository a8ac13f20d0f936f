// Every value keeps where it came from.

import { expect, test } from "vitest";
import { load } from "./support.ts";

const D = "[Distribution]\nDistribution=debian\n";

test("scalars, elements of lists, entries of maps", async () => {
  const { project, directory } = await load(
    {
      "mkosi.conf": `${D}[Content]\nPackages=systemd, udev\n         dbus\n[Build]\nEnvironment=A=1 B=2\n`,
      "mkosi.conf.d/10.conf": "[Content]\nPackages=apt\n[Build]\nEnvironment=B=3\n",
      "mkosi.extra/x": "",
    },
    "-p",
    "vim",
    "--hostname=h",
  );
  const image = project?.images[0];
  if (image === undefined) throw new Error("not loaded");
  const at = (line: number, column: number, file = "mkosi.conf") => ({
    kind: "file",
    path: `${directory}/${file}`,
    line,
    column,
  });
  expect(image.origin("distribution")).toEqual(at(2, 14));
  expect(image.origin("packages", "systemd")).toEqual(at(4, 10));
  expect(image.origin("packages", "udev")).toEqual(at(4, 19));
  expect(image.origin("packages", "dbus")).toEqual(at(5, 10));
  expect(image.origin("packages", "apt")).toEqual(at(2, 10, "mkosi.conf.d/10.conf"));
  expect(image.origin("packages", "vim")).toEqual({ kind: "option", option: "-p" });
  expect(image.origin("environment", "A")).toEqual(at(7, 13));
  expect(image.origin("environment", "B")).toEqual(at(4, 13, "mkosi.conf.d/10.conf"));
  expect(image.origin("hostname")).toEqual({ kind: "option", option: "--hostname" });
  expect(image.origin("extraTrees", image.config.extraTrees[0])).toEqual({
    kind: "pickup",
    path: `${directory}/mkosi.extra`,
  });
  expect(image.origin("release")).toBeUndefined();
});

test("what is inherited keeps its place", async () => {
  const { project, directory } = await load({ "mkosi.conf": `${D}[Content]\nBootable=yes\nInitrdPackages=lvm2\n` });
  const initrd = project?.images.find((image) => image.name === "default-initrd");
  expect(initrd?.origin("distribution")).toMatchObject({ path: `${directory}/mkosi.conf`, line: 2 });
  expect(initrd?.origin("packages", "lvm2")).toMatchObject({ path: `${directory}/mkosi.conf`, line: 5 });
});

test("project: directory, order, tools", async () => {
  const { project, directory } = await load({
    "mkosi.conf": `${D}[Content]\nBootable=yes\n[Build]\nToolsTree=default\n`,
    "mkosi.images/a.conf": "",
  });
  expect(project?.directory).toBe(directory);
  expect(project?.images.map((image) => image.name)).toEqual(["a", "default-initrd", "main"]);
  expect(project?.tools?.config.format).toBe("directory");
  expect(project?.images.at(-1)?.config.toolsTree).toBe(`${directory}/mkosi.tools`);
  expect(project?.images.at(-1)?.config.initrds).toEqual([`${directory}/initrd`]);
  expect(project?.images.at(-1)?.config.dependencies).toEqual(["a", "default-initrd"]);
});

test("a file of a project is read by each image anew", async () => {
  const { project } = await load({
    "mkosi.conf": `${D}[Include]\nInclude=s.conf\n`,
    "s.conf": "[Content]\nPackages=%I\n",
    "mkosi.images/a.conf": "[Include]\nInclude=s.conf\n",
  });
  expect(project?.images.map((image) => image.config.packages)).toEqual([["a"], ["main"]]);
});

test("names that JavaScript's objects have are names like others", async () => {
  const { project } = await load({
    "mkosi.conf": `${D}[Build]\nEnvironment=__proto__=1 constructor=2\n[Output]\nImageId=constructor\n`,
    "mkosi.conf.d/x.conf": "[Match]\nEnvironment=__proto__\n[Build]\nEnvironment=toString=3\n",
  });
  expect(Object.entries(project?.images[0]?.config.environment ?? {})).toEqual([
    ["__proto__", "1"],
    ["constructor", "2"],
    ["toString", "3"],
  ]);
});

test("Environment= counts more than our own environment for the defaults that look at it", async () => {
  const files = { "mkosi.conf": `${D}[Build]\nEnvironment=SOURCE_DATE_EPOCH=5 https_proxy=http://q no_proxy=c,d\n` };
  const { project } = await load(files);
  expect(project?.images[0]?.config).toMatchObject({
    sourceDateEpoch: 5,
    proxyUrl: "http://q",
    proxyExclude: ["c", "d"],
  });
});
