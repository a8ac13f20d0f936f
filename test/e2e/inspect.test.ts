// mkosi inspect and mkosi diff: images of every format of one tree tell the same; what others have made is read, too; what is
// damaged is told of.

import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk, run } from "../support/mkosi.ts";
import { peerDirectory, peerMissing } from "../support/peer.ts";
import { makeProject, writeTree } from "../support/project.ts";
import { seededRandom, testSeed } from "../support/random.ts";
import { keptToolsTree, runInToolsTree } from "../support/tools-tree.ts";
import { unprivilegedUser } from "../support/user.ts";

interface Found {
  readonly kind: string;
  readonly compression?: string;
  readonly release: Record<string, string>;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly partitions: readonly {
    readonly type: string;
    readonly mountPoint?: string;
    readonly fileSystem?: { readonly type: string; readonly size?: number; readonly used?: number };
  }[];
  readonly units: { readonly enabled: readonly string[] };
  readonly tree: { readonly files: number; readonly largestFiles: readonly { readonly path: string }[] };
}

const CONF = `[Distribution]
Distribution=custom
[Output]
Seed=6f2a0d3c-54a6-4c53-9b0e-5b1ad0e0a002
OutputDirectory=out
[Content]
Bootable=no
[Build]
ToolsTree=${keptToolsTree()}
`;
const STATUS = "Package: small\nStatus: install ok installed\nArchitecture: all\nVersion: 1.2\nInstalled-Size: 7\n";

const cwd = execFileSync("mktemp", ["-d", "/tmp/mkosi-test-XXXXXX"], { encoding: "utf8" }).trim();
const image = (name: string) => join(cwd, "out", name);
const FORMATS: readonly (readonly [file: string, options: readonly string[]])[] = [
  ["directory", ["--format=directory"]],
  ["tar.tar.zst", ["--format=tar", "--compress-output=zstd"]],
  ["cpio.cpio.xz", ["--format=cpio", "--compress-output=xz"]],
  ["oci", ["--format=oci"]],
  ["disk.raw", ["--format=disk"]],
  ["erofs.raw", ["--format=disk", "--repart-directory=erofs"]],
  ["squashfs.raw.gz", ["--format=disk", "--repart-directory=squashfs", "--compress-output=gzip"]],
];

async function inspect(path: string, options: readonly string[] = []): Promise<Found> {
  const { stdout } = await mkosiOk([...options, "inspect", path, "--json"], { cwd: "/" });
  return JSON.parse(stdout) as Found;
}

beforeAll(async () => {
  execFileSync("chmod", ["755", cwd]);
  writeTree(cwd, {
    "mkosi.conf": CONF,
    erofs: { "root.conf": "[Partition]\nType=root\nFormat=erofs\nCopyFiles=/\n" },
    squashfs: { "root.conf": "[Partition]\nType=root\nFormat=squashfs\nCopyFiles=/\n" },
    "mkosi.skeleton": {
      etc: { "own.conf": "one\n", shadow: "root:*\n" },
      usr: { lib: { "os-release": "ID=tiny\nPRETTY_NAME=Tiny 1\n", text: "text\n".repeat(50_000) } },
      var: { lib: { dpkg: { status: STATUS } } },
    },
    "mkosi.postinst": `#!/bin/sh
set -e
mkdir -p "$BUILDROOT/etc/systemd/system/multi-user.target.wants"
ln -s /usr/lib/systemd/system/a.service "$BUILDROOT/etc/systemd/system/multi-user.target.wants/a.service"
chown 7:8 "$BUILDROOT/etc/own.conf"; ln "$BUILDROOT/usr/lib/text" "$BUILDROOT/usr/lib/text-again"
`,
  });
  for (const [file, options] of FORMATS)
    await mkosiOk(["-f", ...options, `--output=${file.split(".")[0]}`, "build"], { cwd });
});
afterAll(() => execFileSync("rm", ["-rf", cwd]));

describe.skipIf(process.getuid?.() !== 0)("one tree", () => {
  test.each(FORMATS.map(([file]) => file))("%s has what was put into it", async (file) => {
    const before = takeSnapshot();
    const found = await inspect(image(file));
    expect(found).toMatchObject({
      release: { PRETTY_NAME: "Tiny 1" },
      packages: [{ name: "small", version: "1.2", size: 7168 }],
      units: { enabled: ["a.service"] },
      // the second name of a file is not counted again
      tree: { size: expect.toSatisfy((size: number) => size > 250_000 && size < 260_000) },
    });
    expect(found.tree.largestFiles[0]?.path).toBe("usr/lib/text");
    expect(await before.leftovers()).toEqual([]);
  });

  test("the partitions of a disk are those that sfdisk and blkid tell of", async () => {
    const { partitions, kind } = await inspect(image("disk.raw"));
    const table = JSON.parse(execFileSync("sfdisk", ["--json", image("disk.raw")], { encoding: "utf8" })) as {
      partitiontable: { partitions: { start: number; size: number; uuid: string }[] };
    };
    const [first] = table.partitiontable.partitions;
    expect(kind).toBe("disk");
    expect(partitions).toMatchObject([
      {
        number: 1,
        type: "root-x86-64",
        offset: (first?.start ?? 0) * 512,
        size: (first?.size ?? 0) * 512,
        mountPoint: "/",
      },
    ]);
    const probed = execFileSync(
      "blkid",
      ["--probe", `--offset=${(first?.start ?? 0) * 512}`, "-o", "export", image("disk.raw")],
      {
        encoding: "utf8",
      },
    );
    expect(probed).toContain(`TYPE=${partitions[0]?.fileSystem?.type}`);
  });

  test("diff of two formats of one tree has nothing but what formats bring with them", async () => {
    const same = await mkosi(["diff", image("directory"), image("tar.tar.zst")], { cwd: "/" });
    expect([same.status, same.stdout]).toEqual([0, "No differences.\n"]);
    const others = await mkosi(["diff", image("directory"), image("erofs.raw"), "--json"], { cwd: "/" });
    expect(others.status).toBe(1);
    const { files, packages } = JSON.parse(others.stdout) as Record<"files" | "packages", object>;
    expect([files, packages]).toEqual([
      { added: [], removed: [], changed: [] },
      { added: [], removed: [], changed: [] },
    ]);
  });

  test("diff names what has changed in a file, and how", async () => {
    const other = makeProject();
    execFileSync("cp", ["--archive", image("directory"), join(other, "tree")]);
    const file = (path: string) => join(other, "tree", path);
    writeFileSync(file("etc/own.conf"), "two\n");
    execFileSync("chmod", ["600", file("usr/lib/os-release")]);
    execFileSync("chown", ["1:1", file("etc/shadow")]);
    writeFileSync(file("var/lib/dpkg/status"), STATUS.replace("1.2", "1.3"));
    writeFileSync(file("etc/new"), "new");
    const { status, stdout } = await mkosi(["diff", image("directory"), file("")], { cwd: "/" });
    expect(status).toBe(1);
    expect(stdout).toContain("Packages: 0 added, 0 removed, 1 changed\n  ~ small 1.2 → 1.3\n");
    expect(stdout).toContain("Files: 1 added, 0 removed, 4 changed\n  + etc/new (3 B)\n");
    expect(stdout).toContain("~ etc/own.conf: content\n");
    expect(stdout).toContain("~ etc/shadow: owner 0:0 → 1:1\n");
    expect(stdout).toContain("~ usr/lib/os-release: mode 0644 → 0600\n");
  });
});

const user = unprivilegedUser();

test.skipIf(typeof user === "string")("without root, file systems are unpacked instead of mounted", async () => {
  if (typeof user === "string") return;
  execFileSync("chmod", ["-R", "a+rX", join(cwd, "out")]);
  for (const file of ["disk.raw", "erofs.raw", "squashfs.raw.gz"]) {
    const options = [`--tools-tree=${keptToolsTree()}`, "inspect", image(file), "--json"];
    const { stdout } = await mkosiOk(options, { cwd: "/", user });
    expect(JSON.parse(stdout)).toMatchObject({ release: { PRETTY_NAME: "Tiny 1" }, packages: [{ name: "small" }] });
  }
});

test.each([
  [12, 4],
  [16, 64],
  [32, 300],
])("FAT%i is as full as what was copied into it", async (width, size) => {
  const place = makeProject({ file: "x".repeat(1_500_000) });
  runInToolsTree(
    `mkfs.vfat -F ${width} -n FULL -C fat.img ${size * 1024} >/dev/null; mmd -i fat.img ::/EFI; mcopy -i fat.img file ::/EFI/file`,
    place,
  );
  const { partitions, tree } = await inspect(join(place, "fat.img"), [`--tools-tree=${keptToolsTree()}`]);
  expect(partitions[0]?.fileSystem).toMatchObject({ type: "vfat", label: "FULL" });
  // mkfs leaves out what is no whole track.
  expect((partitions[0]?.fileSystem?.size ?? 0) / (size * 1024 * 1024)).toBeCloseTo(1, 3);
  const used = partitions[0]?.fileSystem?.used ?? 0;
  expect(used).toBeGreaterThan(1_500_000);
  expect(used).toBeLessThan(4_500_000);
  expect(tree.largestFiles).toEqual([{ path: "EFI/file", size: 1_500_000 }]);
});

const noPeer = process.getuid?.() === 0 ? peerMissing() : "the original is run as root here";

test.skipIf(noPeer !== undefined)("an image of the original is read like ours", async () => {
  const theirs = makeProject({
    "mkosi.conf": CONF,
    out: {},
    "mkosi.skeleton": { usr: { lib: { "os-release": "ID=tiny\nPRETTY_NAME=Theirs\n" } } },
  });
  const env = { PYTHONPATH: join(peerDirectory(), "usr/lib/python3/dist-packages") };
  const built = await run(["python3", "-m", "mkosi", "--format=tar", "build"], { cwd: theirs, env });
  expect([built.status, built.stderr.slice(-1000)]).toEqual([0, expect.anything()]);
  expect(await inspect(join(theirs, "out/image"))).toMatchObject({
    kind: "tar",
    release: { PRETTY_NAME: "Theirs" },
  });
});

test.skipIf(process.getuid?.() !== 0)(
  "a file system without a partition table, as mke2fs makes it, is an image, too",
  async () => {
    const place = makeProject();
    const command = ["-q", "-t", "ext2", "-L", "mine", "-d", image("directory"), "fs.img", "8M"];
    execFileSync("mke2fs", command, {
      cwd: place,
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    expect(await inspect(join(place, "fs.img"))).toMatchObject({
      kind: "file-system",
      release: { PRETTY_NAME: "Tiny 1" },
      partitions: [{ number: 0, fileSystem: { type: "ext2", label: "mine" } }],
    });
  },
);

const seed = testSeed();
const random = seededRandom(seed);

describe("what is no image, or a damaged one", () => {
  test("is told of with what is wrong", async () => {
    const place = makeProject({ empty: "", words: "words ".repeat(500), "two bytes": "MZ" });
    for (const [name, words] of [
      ["empty", "it is empty"],
      ["words", "of no format that is known here"],
      ["two bytes", "it has 2 bytes only"],
      ["nowhere", "does not exist"],
    ] as const) {
      const { status, stderr, stdout } = await mkosi(["inspect", join(place, name)], { cwd: place });
      expect([status, stdout], stderr).toEqual([1, ""]);
      expect(stderr).toContain(words);
    }
    const none = await mkosi(["diff", place], { cwd: place });
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining("mkosi diff OLD NEW")]);
  });

  test.each(FORMATS.map(([file]) => file).filter((file) => file !== "directory" && file !== "oci"))(
    "%s cut off or with flipped bytes ends with an error or a result, never a defect",
    async (file) => {
      const place = makeProject();
      const copy = join(place, file);
      const before = takeSnapshot();
      for (const damage of ["cut", "flip", "flip"] as const) {
        copyFileSync(image(file), copy);
        const { size } = statSync(copy);
        if (damage === "cut") truncateSync(copy, Math.floor(size * random()));
        else {
          const bytes = readFileSync(copy);
          for (let count = 0; count < 50; count++) bytes[Math.floor(random() * size)] = Math.floor(random() * 256);
          writeFileSync(copy, bytes);
        }
        const { status, stderr } = await mkosi(["inspect", copy], { cwd: place });
        expect([0, 1], `MKOSI_TEST_SEED=${seed} ${stderr}`).toContain(status);
        expect(stderr, `MKOSI_TEST_SEED=${seed}`).not.toMatch(/defect|    at /);
        if (status === 1) expect(stderr).toMatch(/^error: /m);
      }
      expect(await before.leftovers()).toEqual([]);
    },
  );
});
