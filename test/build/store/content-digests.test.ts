import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openContentDigests } from "../../../src/build/store/content-digests.ts";
import { digestTree } from "../../../src/tools/digest.ts";
import { makeDirectory } from "../../support/tree.ts";

afterEach(() => void vi.useRealTimers());

test("digests are those of the contents; files whose times and sizes are as they were are not read again", async () => {
  const place = makeDirectory();
  const [tree, memory] = [join(place, "tree"), join(place, "digests.json")];
  mkdirSync(tree);
  for (const name of ["one", "two"]) writeFileSync(join(tree, name), name);
  const digest = async () => {
    const digests = openContentDigests(memory);
    const result = digestTree(tree, { contentDigest: digests.digest });
    await digests.save();
    return result;
  };
  vi.useFakeTimers({ now: statSync(join(tree, "two")).ctimeMs + 1, toFake: ["Date"] });
  const first = await digest();
  expect(first).toBe(digestTree(tree));
  // files that were changed just now are not trusted to stay as they are
  expect(() => readFileSync(memory)).toThrow();

  vi.setSystemTime(Date.now() + 60_000);
  expect(await digest()).toBe(first);
  const kept = readFileSync(memory, "utf8");
  expect(JSON.parse(kept).files).toHaveLength(2);

  // what is remembered is what counts
  writeFileSync(memory, kept.replace(/"([^"]*)"\]\]\],"trees"/, '"other"]]],"trees"'));
  expect(await digest()).not.toBe(first);
  writeFileSync(memory, kept);
  writeFileSync(join(tree, "two"), "TWO");
  vi.setSystemTime(Date.now() + 60_000);
  expect(await digest()).toBe(digestTree(tree));
  expect(await digest()).not.toBe(first);
  writeFileSync(memory, "nonsense");
  expect(await digest()).toBe(digestTree(tree));
});

test("what is made in the sources does not count, nor Git's notes; what is checked out does", () => {
  const tree = makeDirectory();
  mkdirSync(join(tree, ".git/refs/heads"), { recursive: true });
  mkdirSync(join(tree, "out"));
  const write = (path: string, text: string) => writeFileSync(join(tree, path), text);
  write(".git/HEAD", "ref: refs/heads/main\n");
  write(".git/refs/heads/main", "1\n");
  const digest = () => digestTree(tree, { sources: true, without: (path) => path === join(tree, "out") });
  const before = digest();
  write(".git/index", "looked at\n");
  write("out/image", "made\n");
  expect(digest()).toBe(before);
  write(".git/refs/heads/main", "2\n");
  expect(digest()).not.toBe(before);
});
