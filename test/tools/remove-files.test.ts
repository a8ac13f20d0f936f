import { existsSync } from "node:fs";
import { lstat, mkdir, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clampTimes, removeFiles } from "../../src/tools/remove-files.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

async function tree(): Promise<string> {
  const root = makeDirectory();
  await writeTree(root, {
    "usr/lib/a.a": "",
    "usr/lib/b.so": "",
    "usr/share/doc/x/y": "",
    "usr/share/doc/.hidden": "",
    "etc/x.a": "",
    "var/lib/deep/er/z.a": "",
  });
  await symlink("usr/lib", join(root, "lib"));
  return root;
}

test.each([
  [["/usr/lib/*.a"], ["usr/lib/a.a"]],
  [["lib/*.a"], ["usr/lib/a.a"]],
  [["/usr/share/doc/*"], ["usr/share/doc/x/y", "usr/share/doc/.hidden"]],
  [["/usr/share/doc/"], ["usr/share/doc"]],
  [["/**/*.a"], ["usr/lib/a.a", "etc/x.a", "var/lib/deep/er/z.a"]],
  [["/usr/lib/[bc].so", "/nothing/here"], ["usr/lib/b.so"]],
])("%j", async (patterns, gone) => {
  const root = await tree();
  await removeFiles(root, patterns);
  for (const path of gone) expect(existsSync(join(root, path)), path).toBe(false);
  const all = [
    "usr/lib/a.a",
    "usr/lib/b.so",
    "usr/share/doc/x/y",
    "usr/share/doc/.hidden",
    "etc/x.a",
    "var/lib/deep/er/z.a",
  ];
  for (const path of all.filter((one) => !gone.some((other) => one === other || one.startsWith(`${other}/`)))) {
    expect(existsSync(join(root, path)), path).toBe(true);
  }
});

test("touches nothing outside the tree", async () => {
  const outside = makeDirectory();
  await writeTree(outside, { keep: "", "deep/keep": "" });
  const root = makeDirectory();
  await symlink(outside, join(root, "absolute"));
  await mkdir(join(root, "usr"));
  await symlink(outside, join(root, "usr/link"));
  await removeFiles(root, ["/absolute/*", "/usr/link/keep", "/../*", "/", "", "**/keep"]);
  expect(existsSync(join(outside, "keep"))).toBe(true);
  expect(existsSync(join(outside, "deep/keep"))).toBe(true);
  await removeFiles(root, ["/usr/link"]);
  expect(existsSync(join(root, "usr/link"))).toBe(false);
  expect(existsSync(join(outside, "keep"))).toBe(true);
});

test("sets only later times back, those of links, too", async () => {
  const root = await tree();
  await utimes(join(root, "etc/x.a"), 1000, 1000);
  await clampTimes(root, 500_000);
  expect((await stat(join(root, "usr/lib/a.a"))).mtimeMs).toBe(500_000_000);
  expect((await lstat(join(root, "lib"))).mtimeMs).toBe(500_000_000);
  expect((await stat(root)).mtimeMs).toBe(500_000_000);
  expect((await stat(join(root, "etc/x.a"))).mtimeMs).toBe(1_000_000);
});
