import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ESP_TYPE, readGpt } from "../../src/formats/gpt.ts";
import { makeDisk } from "../support/gpt.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mkosi-gpt-"));
});
afterAll(() => rm(directory, { recursive: true }));

test.each([512, 4096])("reads a table with sectors of %d bytes", async (sectorSize) => {
  const path = join(directory, `disk-${sectorSize}`);
  await writeFile(path, makeDisk(sectorSize));
  expect(await readGpt(path)).toEqual({
    uuid: "00000000-0000-0000-0000-000000000000",
    sectorSize,
    partitions: [
      {
        type: ESP_TYPE,
        uuid: "04030201-0605-0807-090a-0b0c0d0e0f10",
        label: "esp",
        number: 2,
        offset: 20 * sectorSize,
        size: 10 * sectorSize,
      },
    ],
  });
});

test.each([
  ["header", 512 + 40],
  ["entries", 1024 + 130],
])("does not trust a table with a wrong checksum of its %s", async (_what, at) => {
  const disk = makeDisk(512);
  disk[at] = (disk[at] ?? 0) ^ 1;
  const path = join(directory, "damaged");
  await writeFile(path, disk);
  expect(await readGpt(path)).toBeUndefined();
});

test("finds no table in a short file", async () => {
  const path = join(directory, "short");
  await writeFile(path, "EFI PART");
  expect(await readGpt(path)).toBeUndefined();
});
