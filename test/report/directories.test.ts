import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeWritableDirectory } from "../../src/report/directories.ts";
import { makeDirectory } from "../support/tree.ts";

test("directories are made with those above them, and may be there already", () => {
  const path = join(makeDirectory(), "a/b/c");
  makeWritableDirectory(path, "OutputDirectory=");
  makeWritableDirectory(path, "OutputDirectory=");
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in the way is named, with the setting", () => {
  const file = join(makeDirectory(), "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below")]) {
    expect(() => makeWritableDirectory(path, "OutputDirectory=")).toThrow(
      `${path} cannot be used as OutputDirectory=: it is not a directory, or one above it is not`,
    );
  }
});

test("a place where nothing can be made does not hang", () => {
  expect(() => makeWritableDirectory("/proc/nowhere/deep", "OutputDirectory=")).toThrow("nothing can be made there");
  expect(existsSync("/proc/nowhere")).toBe(false);
});

test.skipIf(process.getuid?.() === 0)("a directory that one may not write is refused", () => {
  const path = makeDirectory();
  chmodSync(path, 0o500);
  expect(() => makeWritableDirectory(path, "OutputDirectory=")).toThrow("you may not write there");
});
