// burn: a disk image on loop devices, with sectors of 512 and of 4096 bytes, read back by sfdisk and fsck; and all that is
// refused before anything is written.

import { execFileSync } from "node:child_process";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { unprivilegedUser } from "../support/user.ts";

const CONF =
  "[Distribution]\nDistribution=custom\n[Output]\nFormat=disk\n[Content]\nBootable=no\n[Build]\nToolsTree=default\n";

interface Table {
  readonly sectorsize: number;
  readonly lastlba: number;
  readonly partitions: readonly { readonly start: number; readonly size: number; readonly uuid: string }[];
}

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" });
const table = (path: string): Table => JSON.parse(run("sfdisk", "--json", path)).partitiontable;

/** A loop device of some size that is gone after the test. */
function loopDevice(size: number, ...options: string[]): string {
  const file = join(makeProject({ medium: "" }), "medium");
  truncateSync(file, size);
  const device = run("losetup", "--find", "--show", ...options, file).trim();
  onTestFinished(() => void run("losetup", "--detach", device));
  return device;
}

async function part(path: string, start: number, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start, end: start + size - 1 })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe.skipIf(process.getuid?.() !== 0)("burn, which takes loop devices", () => {
  let cwd = "";

  beforeAll(async () => {
    cwd = mkdtempSync("/tmp/mkosi-test-");
    writeTree(cwd, { "mkosi.conf": CONF, "mkosi.skeleton/usr/lib/os-release": "ID=tiny\nVERSION_ID=1\n" });
    await mkosiOk([], { cwd });
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  test.each([512, 4096])(
    "sectors of %i bytes: the partitions are the image's, the table is the device's",
    async (sector) => {
      const size = 128 * 1024 ** 2;
      const device = loopDevice(size, `--sector-size=${sector}`);
      writeFileSync(device, Buffer.alloc(1024 ** 2, "old"));
      const before = takeSnapshot();
      const { stderr } = await mkosiOk(["burn", device], { cwd });
      expect(stderr).toContain(`Reading ${device} back`);
      expect(await before.leftovers()).toEqual([]);
      const [image, written] = [table(join(cwd, "image.raw")), table(device)];
      expect(written.sectorsize ?? 512).toBe(sector);
      // All of the device can be used.
      expect(size - written.lastlba * sector).toBeLessThan(64 * 1024);
      expect(written.partitions.map(({ uuid }) => uuid)).toEqual(image.partitions.map(({ uuid }) => uuid));
      const [from, to] = [image.partitions[0], written.partitions[0]];
      if (from === undefined || to === undefined) throw new Error("no partition");
      const [left, right] = await Promise.all([
        part(join(cwd, "image.raw"), from.start * 512, from.size * 512),
        part(device, to.start * sector, from.size * 512),
      ]);
      expect(left.equals(right)).toBe(true);
      run("sfdisk", "--verify", device);
    },
  );

  const refused = async (words: readonly string[], message: string, directory = cwd): Promise<void> => {
    const { status, stderr } = await mkosi(["burn", ...words], { cwd: directory });
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  };

  test("what is no device, too small, read-only or in use is not written to", async () => {
    await refused([], "burn takes one device, and was given none");
    await refused(["/dev/a", "/dev/b"], "burn takes one device, and was given 2");
    await refused(["/dev/there-is-none"], "there is no device /dev/there-is-none");
    await refused(["--image=other", "/dev/null"], "there is no image “other” in this project");
    await refused(["/dev/null"], "/dev/null is not a block device");
    const file = join(makeProject({ file: "precious" }), "file");
    await refused([file], "is not a block device");
    expect(readFileSync(file, "utf8")).toBe("precious");
    await refused([loopDevice(1024 ** 2)], "has only 1.0 MiB");
    await refused([loopDevice(1024 ** 2, "--read-only")], "it is read-only");
    const device = loopDevice(128 * 1024 ** 2);
    run("mkfs.ext4", "-q", device);
    const place = join(makeProject({ place: {} }), "place");
    run("mount", device, place);
    try {
      mkdirSync(join(place, "precious"));
      await refused([device], `is mounted at ${place}`);
    } finally {
      run("umount", place);
    }
    run("e2fsck", "-fn", device);
  });

  test("what is no disk, or compressed, is not written, nor built", async () => {
    const device = loopDevice(1024 ** 2);
    const project = (line: string) => makeProject({ "mkosi.conf": CONF.replace("Format=disk", line) });
    await refused([device], "its format is tar", project("Format=tar"));
    await refused([device], "is compressed", project("Format=disk\nCompressOutput=zstd"));
  });

  const user = unprivilegedUser();

  test.skipIf(typeof user === "string")("a user who may not write to the device is told", async () => {
    if (typeof user === "string") throw new Error(user);
    const device = loopDevice(1024 ** 2);
    const { status, stderr } = await mkosi(["burn", device], { cwd: makeProject({ "mkosi.conf": CONF }), user });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`you may not write to ${device}`)]);
  });
});
