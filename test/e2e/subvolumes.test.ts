// UseSubvolumes=: on a btrfs file system in a file.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { mkosiOk } from "../support/mkosi.ts";
import { makeProject, writeTree } from "../support/project.ts";

/** The root of every subvolume has this inode number. */
const SUBVOLUME = 256;

const possible =
  process.getuid?.() === 0 &&
  existsSync("/dev/loop-control") &&
  readFileSync("/proc/filesystems", "utf8").includes("btrfs");

test.skipIf(!possible)("a directory on btrfs is a subvolume, unless it is not to be", async () => {
  const place = makeProject();
  const mounted = join(place, "mounted");
  mkdirSync(mounted);
  execFileSync("truncate", ["--size=1G", join(place, "disk")]);
  execFileSync("mkfs.btrfs", ["--quiet", join(place, "disk")]);
  execFileSync("mount", ["-o", "loop", join(place, "disk"), mounted]);
  onTestFinished(() => void execFileSync("umount", [mounted]));
  writeTree(mounted, {
    "mkosi.conf":
      "[Distribution]\nDistribution=debian\nRelease=trixie\n[Output]\nFormat=directory\n[Content]\nBootable=no\nPackages=base-files\n",
    "mkosi.cache": {},
  });
  const kind = async (...args: string[]) => {
    await mkosiOk(["-f", "--incremental=yes", ...args], { cwd: mounted });
    return statSync(join(mounted, "image")).ino === SUBVOLUME ? "subvolume" : "directory";
  };
  expect(await kind()).toBe("subvolume");
  expect(await kind("--use-subvolumes=no")).toBe("directory");
  expect(await kind("--use-subvolumes=yes")).toBe("subvolume");
  expect(existsSync(join(mounted, "image/etc/debian_version"))).toBe(true);
  // what is replaced is removed, subvolume or not
  await mkosiOk(["clean"], { cwd: mounted });
  expect(existsSync(join(mounted, "image"))).toBe(false);
});
