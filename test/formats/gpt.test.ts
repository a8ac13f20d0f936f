import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ESP_TYPE, readGpt } from "../../src/formats/gpt.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mkosi-gpt-"));
});
afterAll(() => rm(directory, { recursive: true }));

// The ESP's type as it is stored: C12A7328-F81F-11D2-BA4B-00A0C93EC93B.
const ESP_BYTES = "28732ac11ff8d211ba4b00a0c93ec93b";

function makeDisk(sectorSize: number): Buffer {
  const disk = Buffer.alloc(sectorSize * 40);
  const entries = disk.subarray(2 * sectorSize, 2 * sectorSize + 4 * 128);
  const second = entries.subarray(128, 256);
  second.write(ESP_BYTES, 0, "hex");
  second.write("0102030405060708090a0b0c0d0e0f10", 16, "hex");
  second.writeBigUInt64LE(20n, 32);
  second.writeBigUInt64LE(29n, 40);
  second.write("esp", 56, "utf16le");
  const header = disk.subarray(sectorSize, sectorSize + 92);
  header.write("EFI PART");
  header.writeUInt32LE(0x10000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(4, 80);
  header.writeUInt32LE(128, 84);
  header.writeUInt32LE(crc32(entries), 88);
  header.writeUInt32LE(crc32(header), 16);
  return disk;
}

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
