import { expect, test } from "vitest";
import { readCpio } from "../../src/formats/cpio.ts";

function entry(path: string, data: string, mode = 0o100644): Buffer {
  const fields = [7, mode, 5, 6, 1, 1234, data.length, 0, 0, 0, 0, path.length + 1, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${path}\0`);
  const pad = (buffer: Buffer) => Buffer.concat([buffer, Buffer.alloc((4 - (buffer.length % 4)) % 4)]);
  return Buffer.concat([pad(header), pad(Buffer.from(data))]);
}

test("reads two archives that follow each other", () => {
  const archive = Buffer.concat([
    entry("usr", "", 0o40755),
    entry("./usr/a", "hello"),
    entry("TRAILER!!!", ""),
    Buffer.alloc(512),
  ]);
  const entries = [...readCpio(Buffer.concat([archive, archive]))];
  expect(entries.map(({ path }) => path)).toEqual(["usr", "usr/a", "usr", "usr/a"]);
  expect(entries[1]).toMatchObject({ mode: 0o100644, uid: 5, gid: 6, links: 1, inode: 7, mtime: 1234 });
  expect(entries[1]?.data.toString()).toBe("hello");
});

test("refuses what is no archive, and one that is cut off", () => {
  expect(() => [...readCpio(Buffer.from("\x28\xb5\x2f\xfd compressed"))]).toThrow("not a newc archive");
  expect(() => [...readCpio(entry("a", "hello").subarray(0, 114))]).toThrow("ends in the middle");
});
