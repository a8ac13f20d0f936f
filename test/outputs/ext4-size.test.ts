import { link, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ext4Needs, ext4Size } from "../../src/outputs/ext4-size.ts";
import { makeDirectory, writeTree } from "../support/tree.ts";

test("counts blocks and inodes, hard links once", async () => {
  const root = makeDirectory();
  await writeTree(root, { "a/one": "x", "a/two": "x".repeat(4097), "a/empty": "", "b/": "" });
  await link(join(root, "a/one"), join(root, "b/again"));
  await symlink("short", join(root, "b/link"));
  await symlink("long".repeat(20), join(root, "b/long"));
  // Three directories, three files, two links; blocks: one of each directory, 1 + 2 of files, 1 of the long link.
  const none = { inodes: 16, blocks: 0 };
  expect(ext4Needs(root, [])).toEqual({ inodes: none.inodes + 8, blocks: 3 + 3 + 1 });
  expect(ext4Needs(root, ["a"])).toEqual({ inodes: none.inodes + 6, blocks: 3 + 1 + 1 });
});

test("takes large holes for what they are", async () => {
  const root = makeDirectory();
  await writeTree(root, { lastlog: "", small: "" });
  await truncate(join(root, "lastlog"), 1e12);
  await truncate(join(root, "small"), 1024 * 1024);
  expect(ext4Needs(root, []).blocks).toBe(1 + 256);
});

test("has room for the data, the inodes and the journal, and not much more", () => {
  fc.assert(
    fc.property(fc.nat(50_000_000), fc.nat(5_000_000), (blocks, inodes) => {
      const size = ext4Size({ blocks, inodes });
      expect(size % (1024 * 1024)).toBe(0);
      expect(size / 16384).toBeGreaterThan(inodes);
      expect(size - (size / 16384) * 256).toBeGreaterThan(blocks * 4096);
      expect(size).toBeLessThan(Math.max(blocks * 4096 * 1.2, inodes * 16384 * 1.1) + 1300 * 1024 * 1024);
    }),
  );
});
