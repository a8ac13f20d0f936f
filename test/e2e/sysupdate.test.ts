// sysupdate: systemd-sysupdate installs partitions of a disk image that was built without files for them; nothing of these
// stays beside the image.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readGpt } from "../../src/formats/gpt.ts";
import { takeSnapshot } from "../support/cleanliness.ts";
import { mkosi, mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";

const CONF = `[Distribution]
Distribution=custom
[Output]
Format=disk
ImageId=img
OutputDirectory=out
[Content]
Bootable=no
[Build]
ToolsTree=default
`;

const transfer = (directory: string, pattern: string) => `[Transfer]
Verify=no
[Source]
Type=regular-file
Path=/
PathRelativeTo=explicit
MatchPattern=${pattern}
[Target]
Type=regular-file
Path=${directory}/target
MatchPattern=installed_@v.raw
`;

describe.skipIf(process.getuid?.() !== 0)("sysupdate, which changes the system", () => {
  let cwd = "";

  beforeAll(() => {
    cwd = mkdtempSync("/tmp/mkosi-test-");
    writeTree(cwd, {
      "mkosi.conf": CONF,
      "mkosi.version": "7\n",
      "mkosi.skeleton": { usr: { lib: { "os-release": "ID=tiny\n" } } },
      "mkosi.sysupdate": { "10-root.transfer": transfer(cwd, "img_@v.root-x86-64.raw") },
      own: { "root.conf": "[Partition]\nType=root\nFormat=ext4\nCopyFiles=/\nSplitName=part\n" },
      "own-updates": { "10-root.transfer": transfer(cwd, "img_@v.part.raw") },
      target: {},
    });
    return () => rmSync(cwd, { recursive: true, force: true });
  });

  const contentOf = async (image: string): Promise<Buffer> => {
    const [partition] = (await readGpt(image))?.partitions ?? [];
    if (partition === undefined) throw new Error("no partition");
    return readFileSync(image).subarray(partition.offset, partition.offset + partition.size);
  };

  test.skipIf(process.arch !== "x64")(
    "what is not built is built, and its partition becomes the new version",
    async () => {
      const before = takeSnapshot();
      const { stdout } = await mkosiOk(["sysupdate", "--", "list"], { cwd });
      expect(stdout).toMatch(/7\s+.*candidate/);
      await mkosiOk(["sysupdate", "--", "update"], { cwd });
      const installed = readFileSync(join(cwd, "target/installed_7.raw"));
      expect(installed.equals(await contentOf(join(cwd, "out/img_7.raw")))).toBe(true);
      expect(readdirSync(join(cwd, "out")).toSorted()).toEqual(["img_7", "img_7.raw"]);
      expect(await before.leftovers()).toEqual([]);
    },
  );

  test("the names are those of the image's own definitions", async () => {
    const args = ["--repart-directory=own", "--sysupdate-directory=own-updates", "--image-version=8", "sysupdate"];
    await mkosiOk([...args, "--", "update"], { cwd });
    const installed = readFileSync(join(cwd, "target/installed_8.raw"));
    expect(installed.equals(await contentOf(join(cwd, "out/img_8.raw")))).toBe(true);
  });

  test("the status is the program's", async () => {
    const { status, stderr } = await mkosi(["sysupdate", "--", "update", "99"], { cwd });
    expect([status, stderr]).toEqual([1, expect.stringContaining("99")]);
  });

  test("without definitions nothing is built", async () => {
    const place = makeProject({ "mkosi.conf": CONF });
    const { status, stderr } = await mkosi(["sysupdate"], { cwd: place });
    expect([status, stderr]).toEqual([1, expect.stringContaining("nothing says what sysupdate is to transfer")]);
    expect(readdirSync(place)).toEqual(["mkosi.conf"]);
  });
});
