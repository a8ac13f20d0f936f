// cpio archives and Zstandard frames one after the other, as initrds have them.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCpio } from "../../src/formats/cpio.ts";
import { frameEnd } from "../../src/formats/zstd.ts";

const directory = mkdtempSync(join(tmpdir(), "mkosi-initrd-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const align = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

function member(name: string, content: string, mode = 0o100644): Buffer {
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  const fields = [0, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0].map(hex).join("");
  return Buffer.concat([align(Buffer.from(`070701${fields}${name}\0`)), align(Buffer.from(content))]);
}

const END = member("TRAILER!!!", "", 0);
const archive = (...members: readonly Buffer[]) => Buffer.concat([...members, END]);

async function withFile<T>(
  content: Buffer,
  read: (file: Awaited<ReturnType<typeof open>>, size: number) => Promise<T>,
) {
  const path = join(directory, "initrd");
  writeFileSync(path, content);
  await using file = await open(path);
  return await read(file, (await stat(path)).size);
}

test("files of several archives are counted, up to what is none", async () => {
  const plain = Buffer.concat([
    archive(member("a", "12345"), member("d", "", 0o040755)),
    Buffer.alloc(512),
    archive(member("b", "678")),
  ]);
  const whole = Buffer.concat([plain, Buffer.from("something else")]);
  expect(await withFile(whole, readCpio)).toEqual({ files: 3, size: 8, end: plain.length });
});

test("an archive that is cut off is counted as far as it goes", async () => {
  const cut = archive(member("a", "x".repeat(1000)), member("b", "y")).subarray(0, 600);
  expect(await withFile(cut, readCpio)).toEqual({ files: 1, size: 1000, end: 600 });
});

test("frames of Zstandard end where others begin", async () => {
  const compress = (text: string, ...options: string[]) =>
    execFileSync("zstd", ["-q", "-c", ...options], { input: text });
  const noise = Array.from({ length: 300_000 }, (_, index) => String.fromCharCode(33 + ((index * index) % 90))).join(
    "",
  );
  for (const frames of [
    [compress("short")],
    [compress("x".repeat(1_000_000), "--check")],
    [compress(noise, "--no-check", "-19"), compress("second")],
  ]) {
    const length = Buffer.concat(frames).length;
    const content = Buffer.concat([Buffer.from("head"), ...frames, Buffer.from("070701 and so on")]);
    expect(await withFile(content, (file, size) => frameEnd(file, 4, size))).toBe(4 + length);
  }
});

test("what is no frame, or one that is cut off, ends where it begins", async () => {
  expect(await withFile(Buffer.from("no frame at all"), (file, size) => frameEnd(file, 0, size))).toBe(0);
  const frame = execFileSync("zstd", ["-q", "-c"], { input: "words ".repeat(50_000) });
  expect(await withFile(frame.subarray(0, frame.length - 9), (file, size) => frameEnd(file, 0, size))).toBe(0);
});
