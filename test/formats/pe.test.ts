import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { extractSection, identifyKernel, readPe, readSection } from "../../src/formats/pe.ts";
import { makePe } from "./make-pe.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mkosi-pe-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: Buffer): Promise<string> {
  await writeFile(join(directory, name), content);
  return join(directory, name);
}

test("lists sections with the size of their data, not of their padding", async () => {
  const path = await file("two.efi", makePe({ ".osrel": "ID=debian\n", ".linux": "x".repeat(700) }));
  const pe = await readPe(path);
  expect(pe?.machine).toBe(0x8664);
  expect(pe?.sections.map(({ name, size }) => [name, size])).toEqual([
    [".osrel", 10],
    [".linux", 700],
  ]);
});

test("reads and extracts a section, and says when there is none", async () => {
  const path = await file("uki.efi", makePe({ ".linux": "kernel", ".initrd": "initrd data", ".dtb": "" }));
  expect((await readSection(path, ".initrd"))?.toString()).toBe("initrd data");
  expect(await readSection(path, ".cmdline")).toBeUndefined();
  const output = join(directory, "out");
  expect(await extractSection(path, ".initrd", output)).toBe(true);
  expect(await readFile(output, "utf8")).toBe("initrd data");
  expect(await extractSection(path, ".dtb", output)).toBe(true);
  expect(await readFile(output, "utf8")).toBe("");
  expect(await extractSection(path, ".cmdline", join(directory, "none"))).toBe(false);
  await expect(readFile(join(directory, "none"))).rejects.toThrow("ENOENT");
});

test.each([
  ["uki", makePe({ ".sdmagic": "#", ".osrel": "ID=x", ".linux": "k" })],
  ["addon", makePe({ ".sdmagic": "#", ".cmdline": "quiet" })],
  ["kernel", makePe({ ".text": "k" })],
  ["other", Buffer.from("\u001f\u008bsomething else that is long enough for a header to be read")],
  ["other", Buffer.from("MZ")],
  ["other", makePe({ ".text": "k" }).subarray(0, 100)],
])("identifies %s", async (kind, content) => {
  expect(await identifyKernel(await file("kind", content))).toBe(kind);
});
