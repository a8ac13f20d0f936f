import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listInside, readInside, statusInside, wayInside, waysBelow } from "../../src/tools/inside.ts";
import { makeProject } from "../support/project.ts";

function tree(): string {
  const root = makeProject({ "usr/lib": { "os-release": "ID=tree\n" }, opt: { "t.conf": "t\n" }, "a/b": {} });
  const links = {
    lib: "usr/lib",
    "etc/os-release": "../usr/lib/os-release",
    "etc/t.conf": "/opt/t.conf",
    // the host has such a file
    "etc/hosts": "/etc/passwd",
    "etc/up": "../../../../opt",
    "etc/loop": "loop",
    "etc/nowhere": "/nothing/there",
    "a/b/back": "../..",
    "a/data": "/usr/lib/",
  };
  mkdirSync(join(root, "etc"));
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path));
  execFileSync("mkfifo", [join(root, "etc/fifo")]);
  return root;
}

test.each([
  ["usr/lib/os-release", "usr/lib/os-release", []],
  ["//lib/./os-release", "usr/lib/os-release", ["lib/os-release"]],
  ["/etc/os-release", "usr/lib/os-release", ["etc/os-release"]],
  ["etc/t.conf", "opt/t.conf", ["etc/t.conf"]],
  ["etc/up/t.conf", "opt/t.conf", ["etc/up/t.conf"]],
  ["a/b/back/lib/x/y", "usr/lib/x/y", ["a/b/back/lib/x/y", "lib/x/y"]],
  // names that lead up are taken where links have led
  ["lib/../share", "usr/share", ["lib"]],
  ["a/data/../share", "usr/share", ["a/data"]],
  ["..", "", []],
  // what is below a file is not there
  ["opt/t.conf/x", "opt/t.conf/x", []],
  ["etc/nowhere", "nothing/there", ["etc/nowhere"]],
])("%s leads to %s", (path, end, links) => {
  expect(wayInside(tree(), path)).toMatchObject({ end, passed: [...links, end] });
});

test("what is there is that of the tree, and what is none is nothing", () => {
  const root = tree();
  expect(readInside(root, "etc/os-release")).toBe("ID=tree\n");
  expect(readInside(root, "etc/t.conf")).toBe("t\n");
  for (const path of ["etc/hosts", "etc/nowhere", "etc/loop", "etc/fifo", "etc/up", "opt/t.conf/x", "a\0b"])
    expect(readInside(root, path), path).toBeUndefined();
  expect(statusInside(root, "lib")?.isDirectory()).toBe(true);
  expect(statusInside(root, "etc/hosts")).toBeUndefined();
  expect(listInside(root, "a/data").map(({ name }) => name)).toEqual(["os-release"]);
  expect(listInside(root, "etc/fifo")).toEqual([]);
});

test("links in directories are followed, also in directories that links lead to", () => {
  const root = makeProject({ "usr/share": { x: { "a.conf": "" } }, "etc/d": { plain: "" }, opt: {} });
  symlinkSync("/usr/share", join(root, "etc/d/deep"));
  symlinkSync("../../../opt/b.conf", join(root, "usr/share/x/b.conf"));
  // a circle
  symlinkSync("/etc/d", join(root, "usr/share/x/again"));
  const ends: string[] = [];
  waysBelow(root, ["etc/d", "missing"], ({ end }) => ends.push(end));
  expect(ends.toSorted()).toEqual(["etc/d", "etc/d", "missing", "opt/b.conf", "usr/share"]);
});
