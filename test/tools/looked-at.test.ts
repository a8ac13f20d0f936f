import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placesBelow, placesOfPattern, union } from "../../src/tools/looked-at.ts";
import { makeProject } from "../support/project.ts";

test("places are the paths, and all that links lead to", () => {
  const root = makeProject({ "etc/systemd": {}, usr: {} });
  symlinkSync("/opt/u/a.service", join(root, "etc/systemd/a.service"));
  symlinkSync("usr/lib", join(root, "lib"));
  expect(placesBelow(root, ["/etc/systemd", "lib/x", "usr/bin/sh"])).toEqual([
    ...["etc/systemd", "lib/x", "opt/u/a.service", "usr/bin/sh", "usr/lib/x"],
  ]);
  // a link to the tree itself
  symlinkSync("/", join(root, "etc/systemd/all"));
  expect(placesBelow(root, ["etc/systemd"])).toBeUndefined();
});

test("those of a pattern are what it begins with, and what is behind links that it may match", () => {
  const root = makeProject({ "opt/own": {}, "opt/other": {}, "usr/data": {}, "srv/a": {} });
  symlinkSync("usr/data", join(root, "data"));
  symlinkSync("../srv/a", join(root, "opt/link"));
  symlinkSync("/mnt", join(root, "srv/a/deep"));
  mkdirSync(join(root, "usr/data/sub"));
  symlinkSync("/home", join(root, "usr/data/sub/home"));
  const places = (pattern: string) => placesOfPattern(root, pattern);
  expect(places("/opt/own")).toEqual(["opt/own"]);
  expect(places("opt//own/*.so")).toEqual(["opt/own/"]);
  expect(places("opt/o*/x")).toEqual(["opt/o"]);
  expect(places("opt/*/x")).toEqual(["opt/", "mnt", "srv/a"].toSorted());
  expect(places("/opt/li[n]k")).toEqual(["opt/li", "srv/a"]);
  expect(places("data/*.tmp")).toEqual(["data/", "usr/data/"]);
  expect(places("./data/sub/*")).toEqual(["data/sub/", "home", "usr/data/sub/"]);
  expect(places("/data")).toEqual(["data", "usr/data"]);
  for (const all of ["/", "/*", "%t/x", "[a]/b"]) expect(places(all), all).toBeUndefined();
});

test("everywhere and anything else is everywhere", () => {
  expect(union([["b", "a"], ["a/b"]])).toEqual(["a", "b"]);
  expect(union([["a"], undefined])).toBeUndefined();
  expect(union([["a", ""]])).toBeUndefined();
  expect(union([])).toEqual([]);
});
