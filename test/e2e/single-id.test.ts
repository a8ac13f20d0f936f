// A user with one single id, in a container: what scripts do with owners, devices, capabilities and other users is in the
// image, byte by byte as in root's. Some minutes long, as all of it runs on a kernel that is a program: only with --all.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Container, type Containers, containers } from "../support/single-id.ts";

const missing =
  process.env["MKOSI_TEST_ALL"] !== "1" ? "only with --all" : process.getuid?.() === 0 ? undefined : "needs root";

const CONFIG = `[Distribution]
Distribution=debian
Release=trixie
[Output]
Format=none
[Content]
SourceDateEpoch=1700000000
[Build]
Incremental=no
ToolsTree=no
`;

const IMAGE = `[Output]
Seed=0e9a6fe0-68f6-408c-bbeb-136054d20445
CompressOutput=no
[Content]
Packages=libcap2-bin passwd util-linux
Bootable=no
WithDocs=no
CleanPackageMetadata=yes
PostInstallationScripts=../../post.chroot
`;

const SCRIPT = `#!/bin/sh
set -e
useradd --uid 1234 --create-home somebody
su somebody -c 'id -u > ~/who; touch ~/mine /tmp/theirs'
mkdir /opt/owned
touch /opt/owned/file
chown 42:4711 /opt/owned/file
chmod 6755 /opt/owned/file
ln -s file /opt/owned/link
chown -h 7:8 /opt/owned/link
mkfifo /opt/owned/fifo
chown 9:9 /opt/owned/fifo
cp /bin/true /opt/owned/capable
setcap cap_net_raw+ep /opt/owned/capable
perl -e 'use POSIX; setgid(5); setuid(6); exit(open(F, "<", "/etc/shadow") ? 1 : 0)'
`;

const REPART = "[Partition]\nType=root\nFormat=erofs\nCopyFiles=/\nMinimize=best\n";

function project({ directory }: Container): string {
  const place = join(directory, "project");
  mkdirSync(place);
  writeFileSync(join(place, "mkosi.conf"), CONFIG);
  writeFileSync(join(place, "post.chroot"), SCRIPT, { mode: 0o755 });
  for (const format of ["tar", "cpio", "oci", "disk"]) {
    const image = join(place, "mkosi.images", format);
    mkdirSync(image, { recursive: true });
    writeFileSync(join(image, "mkosi.conf"), IMAGE.replace("[Output]", `[Output]\nFormat=${format}`));
  }
  const definitions = join(place, "mkosi.images/disk/mkosi.repart");
  mkdirSync(definitions);
  writeFileSync(join(definitions, "10-root.conf"), REPART);
  mkdirSync(join(place, "mkosi.output"));
  const { uid, gid } = statSync(directory);
  execFileSync("chown", ["-R", `${uid}:${gid}`, place]);
  return place;
}

/** Digests of all files that were built. */
function outputs(place: string): Record<string, string> {
  const directory = join(place, "mkosi.output");
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(directory, name)).isFile())
      .toSorted()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(directory, name)))
          .digest("hex"),
      ]),
  );
}

describe.skipIf(missing !== undefined)(`with one user id${missing === undefined ? "" : `: ${missing}`}`, () => {
  let both: Containers;
  let single: string;

  beforeAll(async () => {
    both = await containers();
    single = project(both.single);
  }, 300_000);
  afterAll(() => both?.remove());

  test("images are those of root, byte by byte", { timeout: 900_000 }, () => {
    const root = project(both.root);
    both.root.mkosi(["-f", "build"], root);
    expect(both.single.mkosi(["-f", "build"], single)).toContain("Done in");
    expect(outputs(single)).toEqual(outputs(root));
    const list = execFileSync("tar", ["--numeric-owner", "-tvf", join(single, "mkosi.output/tar.tar")], {
      encoding: "utf8",
    });
    expect(list).toMatch(/^-rwsr-sr-x 42\/4711 .*opt\/owned\/file$/m);
    expect(list).toMatch(/^lrwxrwxrwx 7\/8 .*opt\/owned\/link -> file$/m);
    expect(list).toMatch(/^-rw-rw-r-- 1234\/1234 .*home\/somebody\/mine$/m);
    // Nothing of the kernel's own is left but the file with the trees.
    const kernel = join(both.single.directory, ".cache/mkosi-kernel");
    expect(readdirSync(kernel).toSorted()).toEqual(["lock", "trees.ext4"]);
  });

  test("a directory is refused, and nothing is left behind", { timeout: 120_000 }, () => {
    const place = join(both.single.directory, "directory");
    mkdirSync(place);
    cpSync(join(single, "mkosi.conf"), join(place, "mkosi.conf"));
    execFileSync("chown", ["-R", `--reference=${both.single.directory}`, place]);
    expect(() => both.single.mkosi(["--format=directory", "build"], place)).toThrow(
      /a directory with its files' owners needs more than your one user id[\s\S]*set Format=tar/,
    );
    expect(existsSync(join(place, "image"))).toBe(false);
  });
});
