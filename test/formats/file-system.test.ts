// Superblocks that mkfs programs of this machine make, and what happens when they are damaged.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readFileSystem } from "../../src/formats/file-system.ts";

const directory = mkdtempSync(join(tmpdir(), "mkosi-fs-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MIB = 1024 * 1024;
const UUID = "5b2a1f0e-7c1d-4d3a-9f6b-0123456789ab";
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

function made(program: string, args: readonly string[], size: number): Buffer {
  const path = join(directory, program);
  writeFileSync(path, "");
  truncateSync(path, size);
  execFileSync(program, [...args, path], { env, stdio: "ignore" });
  return readFileSync(path);
}

const reader = (bytes: Buffer) => async (offset: number, length: number) => bytes.subarray(offset, offset + length);

const EXT4 = made("mke2fs", ["-q", "-t", "ext4", "-L", "root", "-U", UUID], 8 * MIB);

describe("a file system is what made it says", () => {
  test("ext4, with how full it is", async () => {
    const found = await readFileSystem(reader(EXT4));
    expect(found).toMatchObject({ type: "ext4", label: "root", uuid: UUID, size: 8 * MIB });
    // inode tables and the journal
    expect(found?.used).toBeGreaterThan(MIB);
    expect(found?.used).toBeLessThan(8 * MIB);
  });

  test("ext2 and ext3", async () => {
    for (const type of ["ext2", "ext3"])
      expect(await readFileSystem(reader(made("mke2fs", ["-q", "-t", type], 8 * MIB)))).toMatchObject({
        type,
        label: "",
      });
  });

  test("btrfs", async () => {
    const bytes = made("mkfs.btrfs", ["--quiet", "--label", "data", "--uuid", UUID], 128 * MIB);
    expect(await readFileSystem(reader(bytes))).toMatchObject({
      type: "btrfs",
      label: "data",
      uuid: UUID,
      size: 128 * MIB,
    });
  });

  test("swap", async () => {
    const bytes = made("mkswap", ["--label", "pages", "--uuid", UUID], MIB);
    expect(await readFileSystem(reader(bytes))).toEqual({ type: "swap", label: "pages", uuid: UUID });
  });

  test("LUKS and verity by their signatures", async () => {
    const luks = Buffer.alloc(4096);
    luks.write("LUKS\xba\xbe\0\x02", "latin1");
    luks.write(UUID, 168, "latin1");
    expect(await readFileSystem(reader(luks))).toEqual({ type: "crypto_LUKS", label: "", uuid: UUID });
    const verity = Buffer.alloc(4096);
    verity.write("verity\0\0", "latin1");
    expect(await readFileSystem(reader(verity))).toMatchObject({ type: "DM_verity_hash" });
  });

  test("nothing is nothing", async () => {
    expect(await readFileSystem(reader(Buffer.alloc(MIB)))).toBeUndefined();
    expect(await readFileSystem(reader(Buffer.alloc(0)))).toBeUndefined();
  });
});

test("whatever bytes there are, reading ends with an answer", async () => {
  const magics = [[0x438], [0x400], [0], [0x10040], [0xff6], [0x8001], [510]].flat();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...magics),
      fc.uint8Array({ minLength: 16, maxLength: 600 }),
      fc.constantFrom(
        "",
        "hsqs",
        "XFSB",
        "LUKS\xba\xbe",
        "verity\0\0",
        "\x53\xef",
        "\xe2\xe1\xf5\xe0",
        "_BHRfS_M",
        "\x55\xaa",
      ),
      async (offset, noise, magic) => {
        const bytes = Buffer.alloc(128 * 1024);
        Buffer.from(noise).copy(bytes, offset);
        bytes.write(magic, offset, "latin1");
        await readFileSystem(reader(bytes));
      },
    ),
  );
});
