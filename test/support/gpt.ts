// Small partition tables for tests.

import { crc32 } from "node:zlib";

// The ESP's type as it is stored: C12A7328-F81F-11D2-BA4B-00A0C93EC93B.
const ESP_BYTES = "28732ac11ff8d211ba4b00a0c93ec93b";

/** A disk whose second entry is a partition named `esp`, of a type as it is stored. */
export function makeDisk(sectorSize: number, type: string = ESP_BYTES): Buffer {
  const disk = Buffer.alloc(sectorSize * 40);
  const entries = disk.subarray(2 * sectorSize, 2 * sectorSize + 4 * 128);
  const second = entries.subarray(128, 256);
  second.write(type, 0, "hex");
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
