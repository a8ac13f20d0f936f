import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mergeUsr } from "../../src/package-managers/usr-merge.ts";
import { Failure } from "../../src/report/failure.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "usr-merge-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const linked = () =>
  ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32"].filter((name) => existsSync(join(root, name)));

test("x86-64 has four library directories", async () => {
  await mergeUsr(root, "amd64");
  expect(linked()).toEqual(["bin", "sbin", "lib", "lib32", "lib64", "libx32"]);
  expect(readlinkSync(join(root, "lib64"))).toBe("usr/lib64");
  expect(existsSync(join(root, "usr/lib64"))).toBe(true);
});

test("arm64 has one", async () => {
  await mergeUsr(root, "arm64");
  expect(linked()).toEqual(["bin", "sbin", "lib"]);
});

test("links of a skeleton stay, absolute ones too", async () => {
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  symlinkSync("usr/bin", join(root, "bin"));
  symlinkSync("/usr/sbin", join(root, "sbin"));
  await mergeUsr(root, "arm64");
  expect(readlinkSync(join(root, "sbin"))).toBe("/usr/sbin");
});

test("a skeleton's own directory is refused", async () => {
  mkdirSync(join(root, "lib"));
  await expect(mergeUsr(root, "amd64")).rejects.toThrow(Failure);
  await expect(mergeUsr(root, "amd64")).rejects.toThrow(/\/lib of the skeleton tree/);
});

test("a link to somewhere else is refused", async () => {
  symlinkSync("usr/lib32", join(root, "lib"));
  await expect(mergeUsr(root, "amd64")).rejects.toThrow(Failure);
});
