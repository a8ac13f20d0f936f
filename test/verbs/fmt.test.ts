// `mkosi fmt`: which files it lays out, what it prints, and what it leaves alone.

import { chmodSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT, mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject } from "../support/project.ts";

const UNTIDY = "[Content]\nPackages = a\n  b\n";
const TIDY = "[Content]\nPackages=\n        a\n        b\n";

test("all files of a project, whether they are read or not, and what they include", async () => {
  const cwd = makeProject({
    "mkosi.conf": "[Include]\nInclude=common\n",
    "mkosi.conf.d/a.conf": UNTIDY,
    "mkosi.conf.d/b/mkosi.conf": UNTIDY,
    "mkosi.conf.d/notes.txt": UNTIDY,
    "mkosi.profiles/p.conf": UNTIDY,
    "mkosi.images/one/mkosi.local.conf": UNTIDY,
    "mkosi.images/one/mkosi.uki-profiles/x.conf": "[UKIProfile]\nProfile = ID=x\n",
    "mkosi.repart/00-root.conf": "[Partition]\nType = root\n",
    "common/mkosi.conf": UNTIDY,
    "unrelated/mkosi.conf": UNTIDY,
  });
  const changed = [
    "mkosi.conf.d/a.conf",
    "mkosi.conf.d/b/mkosi.conf",
    "mkosi.profiles/p.conf",
    "mkosi.images/one/mkosi.uki-profiles/x.conf",
    "mkosi.images/one/mkosi.local.conf",
    "mkosi.repart/00-root.conf",
    "common/mkosi.conf",
  ];
  const checked = await mkosi(["fmt", "--check"], { cwd });
  expect([checked.status, checked.stderr]).toEqual([1, ""]);
  expect(new Set(checked.stdout.trim().split("\n"))).toEqual(new Set(changed));
  expect(readFileSync(join(cwd, "mkosi.conf.d/a.conf"), "utf8")).toBe(UNTIDY);

  expect((await mkosiOk(["fmt"], { cwd })).stdout).toBe(checked.stdout);
  expect(readFileSync(join(cwd, "mkosi.conf.d/a.conf"), "utf8")).toBe(TIDY);
  expect(readFileSync(join(cwd, "mkosi.repart/00-root.conf"), "utf8")).toBe("[Partition]\nType=root\n");
  expect(readFileSync(join(cwd, "unrelated/mkosi.conf"), "utf8")).toBe(UNTIDY);
  expect((await mkosiOk(["--check", "fmt"], { cwd })).stdout).toBe("");
});

test("a link and the file's mode stay, and files can be named", async () => {
  const cwd = makeProject({ "real.conf": UNTIDY, "other.conf": UNTIDY, "mkosi.conf": UNTIDY });
  symlinkSync("real.conf", join(cwd, "link.conf"));
  chmodSync(join(cwd, "real.conf"), 0o640);
  expect((await mkosiOk(["--quiet", "fmt", "link.conf"], { cwd })).stdout).toBe("");
  expect(readFileSync(join(cwd, "real.conf"), "utf8")).toBe(TIDY);
  expect(readlinkSync(join(cwd, "link.conf"))).toBe("real.conf");
  expect(statSync(join(cwd, "real.conf")).mode & 0o777).toBe(0o640);
  expect(readFileSync(join(cwd, "mkosi.conf"), "utf8")).toBe(UNTIDY);
});

test("what is no text is not touched", async () => {
  const cwd = makeProject({ "a.conf": Buffer.from([0x5b, 0xff, 0x0a]) });
  const named = await mkosi(["fmt", "a.conf"], { cwd });
  expect([named.status, named.stderr]).toEqual([1, expect.stringContaining("a.conf cannot be read: it is not text")]);
  const missing = await mkosi(["fmt", "b.conf"], { cwd });
  expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining("b.conf cannot be read")]);
});

test("--check belongs to fmt", async () => {
  const { status, stderr } = await mkosi(["--check", "build"], { cwd: makeProject() });
  expect([status, stderr]).toEqual([1, expect.stringContaining("--check has no meaning for build")]);
});

test("what ships with mkosi is laid out", async () => {
  const paths = ["mkosi-initrd", "mkosi-tools", "mkosi-vm", "mkosi-addon"].map((name) =>
    join(CHECKOUT, "builtin", name),
  );
  expect((await mkosiOk(["fmt", "--check", ...paths], { cwd: makeProject() })).stdout).toBe("");
});
