// burn: a medium that does not hold what was written is found out. test/e2e/burn.test.ts writes to loop devices.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { burn } from "../../src/outputs/burn/burn.ts";
import { nodeReport } from "../../src/report/events.ts";
import { makeDisk } from "../support/gpt.ts";
import { makeProject } from "../support/project.ts";
import { makeRecorder } from "../support/recorder.ts";

const SECTOR = 512;

/** The disk with the copy of its header in the last sector, where it says to be. */
function withBackup(disk: Buffer): Buffer {
  const header = Buffer.from(disk.subarray(SECTOR, SECTOR + 92));
  header.writeBigUInt64LE(BigInt(disk.length / SECTOR - 1), 24);
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header), 16);
  header.copy(disk, disk.length - SECTOR);
  return disk;
}

/** Burns, with a medium that keeps something else than it was given. */
async function burnTo(medium: (disk: Buffer) => Buffer, size = SECTOR * 40): Promise<string[]> {
  const directory = makeProject({ image: withBackup(makeDisk(SECTOR)) });
  const [image, path] = [join(directory, "image"), join(directory, "device")];
  writeFileSync(path, Buffer.alloc(size));
  const phases: string[] = [];
  const runner = makeRecorder(([program]) => {
    if (program === "systemd-repart") writeFileSync(path, medium(readFileSync(image)));
    return "";
  });
  await burn({
    image,
    device: { path, size, sectorSize: SECTOR, written: async () => 0 },
    runner,
    toolbox: { kind: "host", searchPaths: [] },
    report: nodeReport("burn", (event) => {
      if (event.type === "phase-finished") phases.push(event.phase);
    }),
    signal: new AbortController().signal,
  });
  expect(runner.commands()[1]).toBe(`blockdev --flushbufs ${path}`);
  return phases.map((phase) => phase.replace(path, "device"));
}

test("what was written is read back", async () => {
  expect(await burnTo((disk) => disk)).toEqual(["Writing to device", "Reading device back"]);
});

test.each<[string, (disk: Buffer) => Buffer, string]>([
  ["nothing", (disk) => Buffer.alloc(disk.length), "it has no partition table"],
  ["one bit of a partition", (disk) => flipped(disk, 25 * SECTOR), "partition 2 (esp) is not the image's"],
  ["its end", (disk) => Buffer.concat([disk.subarray(0, -SECTOR), Buffer.alloc(SECTOR)]), "is not at its end"],
  ["another partition", () => withBackup(makeDisk(SECTOR, "00".repeat(15) + "01")), "partition 2 is another one"],
])("a medium that loses %s is found out", async (_what, medium, message) => {
  await expect(burnTo(medium)).rejects.toThrow(message);
});

test("nothing is written to a device that is too small", async () => {
  await expect(burnTo((disk) => disk, SECTOR * 39)).rejects.toThrow(/takes 20\.0 KiB, and .*device has only 19\.5 KiB/);
});

function flipped(disk: Buffer, position: number): Buffer {
  disk.writeUInt8(disk.readUInt8(position) ^ 1, position);
  return disk;
}
