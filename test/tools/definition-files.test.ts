import { symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { checkFormat } from "../../src/outputs/index.ts";
import { bootsWithVerity } from "../../src/outputs/verity.ts";
import { definitionFiles, definitionsOf } from "../../src/tools/definition-files.ts";
import { makeImage } from "../support/image.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

// All of this as systemd-repart 262 does it.

test("only files whose names end in .conf are definitions, or drop-ins", async () => {
  const directory = makeDirectory();
  await writeTree(directory, {
    "10-root.conf": "[Partition]\n",
    "10-root.conf.d/size.conf": "[Partition]\n",
    "10-root.conf.d/README": "text",
    "10-root.conf.d/old.conf/a": "",
    "20-directory.conf/a": "",
    "30-file.conf.d": "",
    README: "text",
  });
  await symlink("10-root.conf", join(directory, "40-link.conf"));
  await symlink("nowhere", join(directory, "50-nowhere.conf"));
  await symlink("/dev/null", join(directory, "60-null.conf"));
  expect(definitionFiles(directory).toSorted()).toEqual([
    "10-root.conf",
    "10-root.conf.d/size.conf",
    "40-link.conf",
    "60-null.conf",
  ]);
});

test("of files with the same name that of the first directory is read, and empty ones mask", async () => {
  const directory = makeDirectory();
  const text = "[Partition]\n";
  await writeTree(directory, {
    "a/10-root.conf": text,
    "a/10-root.conf.d/y.conf": text,
    "a/20-masked.conf": "",
    "b/10-root.conf": text,
    "b/10-root.conf.d/x.conf": text,
    "b/10-root.conf.d/y.conf": text,
    "b/20-masked.conf": text,
    "b/20-masked.conf.d/x.conf": text,
    "b/30-null.conf": text,
    "b/40-other.conf": text,
  });
  await symlink("/dev/null", join(directory, "a/30-null.conf"));
  const read = definitionsOf([join(directory, "a"), join(directory, "b")]);
  expect(read.map((paths) => paths.map((path) => relative(directory, path)))).toEqual([
    ["a/10-root.conf", "b/10-root.conf.d/x.conf", "a/10-root.conf.d/y.conf"],
    ["b/40-other.conf"],
  ]);
});

test("Verity= of a definition that is masked, replaced or overridden does not count", async () => {
  const directory = makeDirectory();
  const [first, second] = [join(directory, "a"), join(directory, "b")];
  await writeTree(second, {
    "10-root.conf": "[Partition]\nType=root\nVerity=data\n",
    "20-sig.conf": "[Partition]\nType=root-verity-sig\nVerity=signature\n",
  });
  const image = (...repartDirectories: readonly string[]) => makeImage({ format: "disk", repartDirectories });
  expect(() => checkFormat(image(second))).toThrow(/b\/20-sig\.conf asks for a verity signature/);
  await writeTree(first, { "20-sig.conf": "" });
  checkFormat(image(first, second));
  expect(() => checkFormat(image(second, first))).toThrow(/b\/20-sig\.conf asks for a verity signature/);
  expect(bootsWithVerity(image(first, second).config)).toBe(true);
  await writeTree(first, { "10-root.conf.d/off.conf": "[Partition]\nVerity=off\n" });
  expect(bootsWithVerity(image(first, second).config)).toBe(false);
});
